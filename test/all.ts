import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DebianRelease } from './booted/debian_release.ts';
import { projectRoot } from './booted/paths.ts';

/** Tests that run one after another, in a process and a lab of their own. */
interface Run {
  readonly name: string;
  readonly projects: readonly string[];
  /** The lab's name, see test/booted/paths.ts. */
  readonly lab: string;
  /** What its hosts run; Debian 12 unless set. */
  readonly debian?: DebianRelease;
  /** All of them unless set. */
  readonly files?: readonly string[];
  /** Of the story of a LAVA lab only its course, see test/lava/row.ts. */
  readonly story?: 'short';
}

const LAVA_12: Run = { name: 'lava 12', projects: ['lava'], lab: 'lav', debian: 12 };
const LAVA_13: Run = { name: 'lava 13', projects: ['lava'], lab: 'lat', debian: 13 };

/** Beside each other, because a test on booted hosts mostly waits for them. */
const ALL: readonly Run[] = [
  { name: 'here', projects: ['unit', 'usb'], lab: 'usb' },
  { name: 'booted', projects: ['booted'], lab: 'lab' },
  { ...LAVA_12, story: 'short' },
  { ...LAVA_13, files: ['test/lava/lab.test.ts'] },
];

/** `long`: all of real LAVA, on each release. */
const runs = process.argv[2] === 'long' ? [LAVA_12, LAVA_13] : ALL;

/** What closes a run, see test/support/closing_line.ts. */
interface Closing {
  readonly counts: readonly [passed: number, failed: number, skipped: number];
  readonly flaws: readonly string[];
}

let isInterrupted = false;
process.on('SIGINT', () => {
  isInterrupted = true;
});

const width = Math.max(...runs.map(({ name }) => name.length));
const closings = await Promise.all(runs.map(runTests));
if (isInterrupted) for (const run of runs) endLab(run);
const [passed, failed, skipped] = closings
  .map(({ counts }) => counts)
  .reduce(([a, b, c], [x, y, z]) => [a + x, b + y, c + z]);
const flaws = closings.flatMap((closing) => closing.flaws);
process.stdout.write(
  `\n${flaws.map((line) => `${line}\n`).join('')}${passed} passed, ${failed} failed, ${skipped} skipped\n`,
);
process.exitCode = failed === 0 ? 0 : 1;

/** Shows each line of a run with its name before it; a run that breaks off has a failure. */
async function runTests({
  name,
  projects,
  lab,
  debian = 12,
  files = [],
  story,
}: Run): Promise<Closing> {
  const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs');
  const chosen = projects.flatMap((project) => ['--project', project]);
  const child = spawn(process.execPath, [vitest, 'run', ...chosen, ...files], {
    cwd: projectRoot,
    env: {
      ...process.env,
      LAVA_PLAY_LAB: lab,
      LAVA_PLAY_LAB_DEBIAN: String(debian),
      ...(story === 'short' && { LAVA_PLAY_SHORT: '1' }),
    },
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

/** Ctrl-C reaches the runs too, which end at once and leave their labs. */
function endLab({ lab }: Run): void {
  const program = join(projectRoot, '.build/test/booted/cli.js');
  spawnSync(process.execPath, [program, 'down'], { env: { ...process.env, LAVA_PLAY_LAB: lab } });
}
