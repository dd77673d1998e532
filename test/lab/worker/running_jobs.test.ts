import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Deferred, type Resource } from '../../../engine/sdk.ts';
import { runningJobs, unlessAtWork } from '../../../lab/worker/running_jobs.ts';
import { eventually } from '../../support/eventually.ts';
import { debianShells, testHost } from '../../support/run_resource.ts';

describe.each(debianShells)('with %s', (...shell) => {
  test('a job that runs is seen by the title of its process', async () => {
    const host = testHost(shell);
    const jobs = (): readonly string[] =>
      host.read({ id: 'fact', ...runningJobs, change: () => undefined });
    expect(jobs()).not.toContain('4711');
    const child = spawn('bash', ['-c', "exec -a 'lava-run [job: 4711]' sleep 60"]);
    onTestFinished(() => void child.kill());
    await eventually(() => expect(jobs()).toContain('4711'));
  });
});

describe('what a job runs with', () => {
  const wanted: Resource<string> = {
    id: 'package lava-dispatcher',
    probe: '',
    parse: String,
    change: (now) => (now === 'right' ? undefined : { before: now, after: 'right', steps: [] }),
  };

  test('is changed at once while there is none', () => {
    expect(unlessAtWork(wanted, []).change('wrong')).toMatchObject({ after: 'right' });
  });

  test.each([
    [['7'], 'job 7 still depends on it'],
    [['7', '8'], 'jobs 7 and 8 still depend on it'],
  ])('stays until %j are over', (jobs, reason) => {
    const guarded = unlessAtWork(wanted, jobs);
    expect(guarded.change('right')).toBeUndefined();
    expect(() => guarded.change('wrong')).toThrow(
      new Deferred(reason, { before: 'wrong', after: 'right', steps: [] }),
    );
  });
});
