import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { DebianRelease } from '../booted/debian_release.ts';
import { projectRoot } from '../booted/paths.ts';

/** Tests that run one after another, in a process and a lab of their own. */
export interface TestRun {
  readonly name: string;
  readonly projects: readonly string[];
  /** The lab's name, see test/booted/paths.ts. */
  readonly lab: string;
  /** What its hosts run; Debian 12 unless set. */
  readonly debian?: DebianRelease;
  /** All of them unless set. */
  readonly files?: readonly string[];
  /** Files that another run has, or that take too long for this one. */
  readonly without?: readonly string[];
  /** Of the story of a LAVA lab only its course, see test/lava/row.ts. */
  readonly story?: 'short';
}

/** What closes a run, see test/support/closing_line.ts. */
export interface Closing {
  readonly counts: readonly [passed: number, failed: number, skipped: number];
  readonly flaws: readonly string[];
}

/** Shows each line of a run with its name, padded to `width`, before it; a run that breaks off has a failure. */
export async function runTests(run: TestRun, width: number): Promise<Closing> {
  const { name, projects, files = [], without = [] } = run;
  const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs');
  const chosen = projects.flatMap((project) => ['--project', project]);
  const excluded = without.flatMap((file) => ['--exclude', file]);
  const child = spawn(process.execPath, [vitest, 'run', ...chosen, ...excluded, ...files], {
    cwd: projectRoot,
    env: environmentOf(run),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let counts: Closing['counts'] = [0, 0, 0];
  const flaws: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
      if (closing) counts = [Number(closing[1]), Number(closing[2]), Number(closing[3])];
      if (line.startsWith('failed: ')) flaws.push(line);
      process.stdout.write(`${name.padEnd(width)} | ${line}\n`);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const [passed, failed, skipped] = counts;
  if (code === 0 || failed > 0) return { counts, flaws };
  return { counts: [passed, 1, skipped], flaws: [`failed: the run ${name} broke off`] };
}

/** The end of several runs: what failed, and how many tests did what; also the exit code. */
export function closeRuns(closings: readonly Closing[]): 0 | 1 {
  const [passed, failed, skipped] = closings
    .map(({ counts }) => counts)
    .reduce(([a, b, c], [x, y, z]) => [a + x, b + y, c + z]);
  const flaws = closings.flatMap((closing) => closing.flaws);
  process.stdout.write(
    `\n${flaws.map((line) => `${line}\n`).join('')}${passed} passed, ${failed} failed, ${skipped} skipped\n`,
  );
  return failed === 0 ? 0 : 1;
}

/** What `npm run lab` does with the lab of a run; resolves with what it printed. */
export async function labCommand(
  run: Pick<TestRun, 'lab' | 'debian'>,
  args: readonly string[],
): Promise<string> {
  const program = join(projectRoot, '.build/test/booted/cli.js');
  const env = environmentOf(run);
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
  return stdout;
}

function environmentOf({
  lab,
  debian = 12,
  story,
}: Pick<TestRun, 'lab' | 'debian' | 'story'>): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LAVA_PLAY_LAB: lab,
    LAVA_PLAY_LAB_DEBIAN: String(debian),
    ...(story === 'short' && { LAVA_PLAY_SHORT: '1' }),
  };
}
