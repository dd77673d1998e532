import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../booted/paths.ts';
import { type Mutant, mutated, readMutants } from './list.ts';

/** After so many seconds without a word of the tests a mutant counts as noticed: something hangs. */
const MOST_SILENCE = 600;

const [word = ''] = process.argv.slice(2);
const chosen = readMutants(projectRoot).filter(
  ({ about, file }) => about.includes(word) || file.includes(word),
);
if (chosen.length === 0) throw new Error(`no mutant has '${word}' in its words or its file`);

const tree = mkdtempSync(join(tmpdir(), 'lava-play-mutants-'));
let running: ReturnType<typeof spawn> | undefined;
process.on('exit', () => rmSync(tree, { recursive: true, force: true }));
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    endTests();
    process.exit(code);
  });
}

copyTree();
const sound = await outcomeOf([...new Set(chosen.flatMap(({ tests }) => tests))]);
if (sound.status !== 0) {
  process.stdout.write(`${sound.output}\nThese tests fail without any mutation.\n`);
  process.exit(1);
}
const survivors: Mutant[] = [];
for (const mutant of chosen) {
  const started = performance.now();
  const isKilled = await notices(mutant);
  if (!isKilled) survivors.push(mutant);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { about, file, accepted } = mutant;
  const reason = isKilled || accepted === undefined ? '' : ` (accepted: ${accepted})`;
  process.stdout.write(
    `${isKilled ? 'killed  ' : 'SURVIVED'} ${seconds.padStart(5)} s  ${file}: ${about}${reason}\n`,
  );
}
process.stdout.write(`\n${chosen.length} mutants, ${survivors.length} survived\n`);
process.exitCode = survivors.every(({ accepted }) => accepted !== undefined) ? 0 : 1;

/** What git knows or would, and what is built; the packages are linked. */
function copyTree(): void {
  const deleted = gitFiles('--deleted');
  for (const file of gitFiles('--cached', '--others', '--exclude-standard')) {
    if (deleted.includes(file)) continue;
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(join(projectRoot, file), join(tree, file), { verbatimSymlinks: true });
  }
  cpSync(join(projectRoot, 'dist'), join(tree, 'dist'), { recursive: true });
  symlinkSync(join(projectRoot, 'node_modules'), join(tree, 'node_modules'));
}

function gitFiles(...which: readonly string[]): readonly string[] {
  const options = { cwd: projectRoot, encoding: 'utf8' } as const;
  const listed = execFileSync('git', ['ls-files', '-z', ...which], options);
  return listed.split('\0').filter((file) => file !== '');
}

async function notices(mutant: Mutant): Promise<boolean> {
  const path = join(tree, mutant.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, mutated(source, mutant));
  try {
    return (await outcomeOf(mutant.tests)).status !== 0;
  } finally {
    writeFileSync(path, source);
  }
}

function outcomeOf(tests: readonly string[]): Promise<{ status: number | null; output: string }> {
  const vitest = join(tree, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--project', 'unit', '--bail', '1', ...tests];
  const child = spawn(process.execPath, args, {
    cwd: tree,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running = child;
  const timer = setTimeout(endTests, MOST_SILENCE * 1000);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      timer.refresh();
      output += chunk.toString();
    });
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(timer);
      running = undefined;
      resolve({ status, output });
    });
  });
}

/** With all that they have started. */
function endTests(): void {
  if (running?.pid !== undefined) process.kill(-running.pid, 'SIGKILL');
}
