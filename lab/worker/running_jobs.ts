import { Deferred, type Fact, type Resource } from '../../engine/sdk.ts';

/** Numbers of the jobs that run on this host, by the title that `lava-run` gives its process (lava-dispatcher 2023.01). */
export const runningJobs: Fact<readonly string[]> = {
  probe: `grep -haos '^lava-run \\[job: [0-9]*\\]' /proc/[0-9]*/cmdline || :`,
  parse: (output) => [
    ...new Set([...output.matchAll(/\[job: (\d+)\]/g)].map(([, job = '']) => job)),
  ],
};

/** A resource whose change waits until no job runs that needs it. */
export function unlessAtWork<State>(
  resource: Resource<State>,
  jobs: readonly string[],
): Resource<State> {
  if (jobs.length === 0) return resource;
  return {
    ...resource,
    change(now) {
      const change = resource.change(now);
      if (!change) return undefined;
      const reason =
        jobs.length === 1
          ? `job ${jobs[0]} still depends on it`
          : `jobs ${jobs.join(' and ')} still depend on it`;
      throw new Deferred(reason, change);
    },
  };
}
