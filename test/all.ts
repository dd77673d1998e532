import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from './lab/paths.ts';

/** Tests that run one after another, in a process and a lab of their own. */
interface Run {
  readonly name: string;
  readonly projects: readonly string[];
  /** The lab's name, see test/lab/paths.ts. */
  readonly lab: string;
}

/** Beside each other, because a test on booted hosts mostly waits for them. */
const runs: readonly Run[] = [
  { name: 'here', projects: ['unit', 'usb'], lab: 'usb' },
  { name: 'lab', projects: ['lab'], lab: 'lab' },
  { name: 'lava', projects: ['lava'], lab: 'lav' },
];

/** The counts of the line that closes a run, see test/support/closing_line.ts. */
type Counts = readonly [passed: number, failed: number, skipped: number];

let isInterrupted = false;
process.on('SIGINT', () => {
  isInterrupted = true;
});

const width = Math.max(...runs.map(({ name }) => name.length));
const results = await Promise.all(runs.map(runTests));
if (isInterrupted) for (const run of runs) endLab(run);
const [passed, failed, skipped] = results.reduce(([a, b, c], [x, y, z]) => [a + x, b + y, c + z]);
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** Shows each line of a run with its name before it; a run that breaks off has a failure. */
async function runTests({ name, projects, lab }: Run): Promise<Counts> {
  const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs');
  const chosen = projects.flatMap((project) => ['--project', project]);
  const child = spawn(process.execPath, [vitest, 'run', ...chosen], {
    cwd: projectRoot,
    env: { ...process.env, LAVA_PLAY_LAB: lab },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let counts: Counts = [0, 0, 0];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
      if (closing) counts = [Number(closing[1]), Number(closing[2]), Number(closing[3])];
      process.stdout.write(`${name.padEnd(width)} | ${line}\n`);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const [passed, failed, skipped] = counts;
  return code === 0 || failed > 0 ? counts : [passed, 1, skipped];
}

/** Ctrl-C reaches the runs too, which end at once and leave their labs. */
function endLab({ lab }: Run): void {
  const program = join(projectRoot, '.build/test/lab/cli.js');
  spawnSync(process.execPath, [program, 'down'], { env: { ...process.env, LAVA_PLAY_LAB: lab } });
}
