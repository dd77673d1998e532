import { describe, expect, test } from 'vitest';
import {
  type ProgramCall,
  runOnce,
  runProgram,
} from '../../../../engine/read/programs/run_program.ts';

const sh = (script: string, limits: Partial<ProgramCall> = {}): ProgramCall => ({
  program: 'sh',
  args: ['-c', script],
  cwd: '/',
  complaints: 'kept',
  seconds: 60,
  mebibytes: 1,
  ...limits,
});

describe('a program', () => {
  test('gives what it prints, and what it complains of', async () => {
    const { output, failure, complaints } = await runProgram(sh('pwd; echo oh >&2'));
    expect([output.toString(), failure, complaints]).toEqual(['/\n', undefined, 'oh']);
  });

  test.each([
    ['exit 3', {}, 'ended with status 3'],
    ['kill -TERM $$', {}, 'was ended by SIGTERM'],
    ['sleep 600 & wait', { seconds: 0.1 }, 'did not end within 0.1 s'],
    ['yes', {}, 'printed more than 1 MiB'],
    ['', { program: 'no-such-program' }, 'cannot be run: there is no such program'],
    ['', { cwd: '/no/such/folder' }, 'cannot be run: there is no such program'],
  ])('that does %j fails', async (script, limits, wanted) => {
    expect((await runProgram(sh(script, limits))).failure).toBe(wanted);
  });

  test('is run once, however often it is asked for', async () => {
    const run = runOnce();
    const call = sh('echo $$');
    const [first, second] = await Promise.all([run(call), run({ ...call })]);
    expect(first).toBe(second);
    expect((await run(sh('echo other'))).output.toString()).toBe('other\n');
  });
});
