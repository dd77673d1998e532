import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runningJobs } from '../../../lab/worker/running_jobs.ts';
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
