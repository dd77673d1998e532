import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { endOf } from '../../../engine/transport/shell_process.ts';

const lost = (): string => 'the line is dead';

function shell(script: string) {
  const child = spawn('/bin/sh', ['-c', script]);
  child.stderr.resume();
  return child;
}

test('a shell ends with its status', async () => {
  const child = shell('exit 7');
  child.stdout.resume();
  expect(await endOf(child, lost)).toEqual({ status: 7, signal: undefined });
});

test('a shell that is killed ends with the signal', async () => {
  const child = shell('kill -KILL $$');
  child.stdout.resume();
  expect(await endOf(child, lost)).toEqual({ status: undefined, signal: 'SIGKILL' });
});

test('all that it printed has been read by then', async () => {
  const child = shell('head -c 1000000 /dev/zero');
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  await endOf(child, lost);
  expect(read).toBe(1_000_000);
});

test('a daemon that holds on to the output does not hide that the shell has gone', async () => {
  const child = shell('sleep 1000 & echo $!; exit 3');
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  onTestFinished(() => void process.kill(Number(printed)));
  expect(await endOf(child, lost)).toMatchObject({ status: 3 });
  expect(child.stdout.closed).toBe(false);
});

test('a channel that closes without an exit is lost, for the reason that is known by then', async () => {
  let reason = 'not known yet';
  const channel = new EventEmitter();
  const ended = endOf(channel, () => reason);
  reason = 'keepalive timeout';
  channel.emit('close');
  expect(await ended).toEqual({ lost: 'keepalive timeout' });
});
