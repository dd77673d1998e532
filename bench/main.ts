import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LabHost, labHosts, startLab, stopLab } from '../test/booted/lab.ts';
import { projectRoot, runFolder } from '../test/booted/paths.ts';
import {
  ansibleEnvironment,
  changesIn,
  installAnsible,
  writeHosts,
  writeRole,
  writeSpeed,
} from './ansible.ts';
import { atDistance, type Distance } from './distance.ts';
import { BOARDS, SPEEDS, type Speed, writeJob } from './job.ts';
import { type Measured, measure, median } from './measure.ts';

/** What is measured: a command line of each engine, and whether one console of each worker has to change. */
interface Phase {
  readonly title: string;
  readonly lavaPlay: readonly string[];
  readonly ansible: readonly string[];
  readonly expect: 'nothing' | 'one change a host';
  /** Whether the change is made, and has to be undone for the other engine. */
  readonly changes: 'made' | 'none';
}

const PHASES: readonly Phase[] = [
  {
    title: 'nothing to change',
    ...{ lavaPlay: ['apply', '--yes'], ansible: [] },
    ...{ expect: 'nothing', changes: 'none' },
  },
  {
    title: 'dry run with diff, one console a worker',
    ...{ lavaPlay: ['plan'], ansible: ['--check', '--diff'] },
    ...{ expect: 'one change a host', changes: 'none' },
  },
  {
    title: 'one console a worker changed',
    ...{ lavaPlay: ['apply', '--yes'], ansible: ['--diff'] },
    ...{ expect: 'one change a host', changes: 'made' },
  },
];

const { values: options } = parseArgs({
  options: {
    workers: { type: 'string', default: '4' },
    runs: { type: 'string', default: '3' },
    delay: { type: 'string', default: '0,50' },
  },
});
const runs = Number(options.runs);
const delays = options.delay.split(',').map(Number);
const ours = join(runFolder, 'bench/lava-play');
const theirs = join(runFolder, 'bench/ansible');
let workers: readonly LabHost[] = [];

await startLab({ workers: Number(options.workers), report: console.log });
try {
  workers = labHosts().filter(({ role }) => role === 'worker');
  await prepare();
  console.log(`\n${workers.length} workers, ${BOARDS} boards each, ${runs} runs; seconds: median`);
  console.log('| round trip | what | lava-play | Ansible | ratio |\n|---|---|---|---|---|');
  for (const delay of delays) {
    const distance = await atDistance(workers, delay, ours);
    writeHosts(theirs, distance);
    for (const phase of PHASES) await compare(phase, distance, `${delay} ms`);
    distance.close();
  }
} finally {
  await stopLab();
  rmSync(join(runFolder, 'bench'), { recursive: true, force: true });
}

/** Both engines agree on what is there: what lava-play has made is what Ansible finds nothing to change in. */
async function prepare(): Promise<void> {
  for (const folder of [ours, theirs]) mkdirSync(folder, { recursive: true });
  const distance = await atDistance(workers, 0, ours);
  writeJob(ours, distance, SPEEDS[0]);
  console.log('lava-play makes the job on bare hosts');
  await lavaPlay(['apply', '--yes']);
  console.log('Ansible is installed, and python3 on each host');
  await installAnsible(workers);
  await writeRole(theirs, distance);
  await ansible([]);
  const { output } = await ansible([]);
  if (changesIn(output) !== 0) throw new Error(`Ansible does not settle:\n${output}`);
  const { output: own } = await lavaPlay(['plan']);
  if (own.includes('@@')) {
    throw new Error(`the two do not agree on what should be there:\n${own}`);
  }
}

/** Turn by turn, so that both meet the same moods of the machine. */
async function compare(phase: Phase, distance: Distance, roundTrip: string): Promise<void> {
  const seconds: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] };
  let now: Speed = SPEEDS[0];
  const other = (): Speed => (now === SPEEDS[0] ? SPEEDS[1] : SPEEDS[0]);
  for (let i = 0; i < runs; i += 1) {
    for (const engine of ['ours', 'theirs'] as const) {
      const wanted: Speed = phase.expect === 'nothing' ? now : other();
      writeJob(ours, distance, wanted);
      await writeSpeed(theirs, workers, wanted);
      const result = await (engine === 'ours' ? lavaPlay(phase.lavaPlay) : ansible(phase.ansible));
      requireChanges(engine, result, phase);
      seconds[engine].push(result.seconds);
      if (phase.changes === 'made') now = wanted;
    }
  }
  writeJob(ours, distance, SPEEDS[0]);
  await lavaPlay(['apply', '--yes']);
  const [a, b] = [median(seconds.ours), median(seconds.theirs)];
  console.log(
    `| ${roundTrip} | ${phase.title} | ${a.toFixed(2)} | ${b.toFixed(2)} | ${(b / a).toFixed(1)} |`,
  );
}

function requireChanges(engine: 'ours' | 'theirs', { output }: Measured, phase: Phase): void {
  const wanted = phase.expect === 'nothing' ? 0 : workers.length;
  const found = engine === 'theirs' ? changesIn(output) : [...output.matchAll(/^@@ /gm)].length;
  if (found !== wanted) {
    throw new Error(`${phase.title}: ${found} changes instead of ${wanted}:\n${output}`);
  }
}

async function lavaPlay([command = '', ...more]: readonly string[]): Promise<Measured> {
  const program = join(projectRoot, 'bin/lava-play.js');
  const result = await measure(
    [process.execPath, program, command, 'inventory.yaml', '--playbook', 'playbook.yaml', ...more],
    { cwd: ours },
  );
  if (result.code !== 0) throw new Error(`lava-play failed:\n${result.output}`);
  return result;
}

async function ansible(more: readonly string[]): Promise<Measured> {
  const connections = mkdtempSync(join(tmpdir(), 'lava-play-bench-'));
  try {
    const result = await measure(
      ['ansible-playbook', '-i', 'inventory.json', 'playbook.yaml', ...more],
      { cwd: theirs, env: ansibleEnvironment(workers.length, connections) },
    );
    changesIn(result.output);
    return result;
  } finally {
    rmSync(connections, { recursive: true, force: true });
  }
}
