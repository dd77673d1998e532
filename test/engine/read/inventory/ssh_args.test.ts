import { describe, expect, test } from 'vitest';
import { readSshArgs } from '../../../../engine/read/inventory/ssh_args.ts';

describe('a jump host in arguments for ssh', () => {
  test.each([
    ['-J a@x', 'a@x'],
    ['-Ja@x,y', 'a@x,y'],
    ['-o ProxyJump=a@x,y', 'a@x,y'],
    ['-o "ProxyJump a@x"', 'a@x'],
    ['-oproxyjump=x', 'x'],
    ['-o ProxyCommand="ssh -W %h:%p -q a@x"', 'a@x'],
    ["-o ProxyCommand='ssh a@x -W %h:%p'", 'a@x'],
    ['-J first -J second', 'second'],
  ])('%s', (text, jump) => {
    expect(readSshArgs(text)).toEqual({ jump, unused: [] });
  });
});

describe('what has no effect in arguments for ssh', () => {
  test.each([
    ['', []],
    ['-C -v', ['-C', '-v']],
    ['-o StrictHostKeyChecking=no -p 22', ['-o StrictHostKeyChecking=no', '-p 22']],
    ['-p2222', ['-p2222']],
    ['-i -J', ['-i -J']],
    ['-o ProxyCommand="nc x 22"', ['-o ProxyCommand=nc x 22']],
    ['-o ProxyCommand="ssh -W other:22 x"', ['-o ProxyCommand=ssh -W other:22 x']],
    ['-o ProxyCommand="ssh -p 2222 -W %h:%p x"', ['-o ProxyCommand=ssh -p 2222 -W %h:%p x']],
  ])('%j', (text, unused) => {
    expect(readSshArgs(text)).toEqual({ jump: undefined, unused });
  });

  test('stands beside the jump host', () => {
    expect(readSshArgs('-C -J x -o LogLevel=ERROR')).toEqual({
      jump: 'x',
      unused: ['-C', '-o LogLevel=ERROR'],
    });
  });
});
