import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { packageRoot } from '../../engine/read/installed/package_root.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { hashOf, listRoot } from './root_listing.ts';

/** Something came out other than the demo promises. */
class Unexpected extends Error {}

const INTERRUPTED = 130;

let stopping = false;
let child: ChildProcess | undefined;

process.exitCode = await main();

/** Plays the main job from bare hosts to one more worker, and says whether all came out as it should. */
async function main(): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.stdout.on('error', () => stop('SIGTERM'));
  let lab: EmbeddedLab | undefined;
  try {
    lab = await startEmbeddedLab({ workers: 2 });
    await play(lab);
    return 0;
  } catch (error) {
    if (stopping) return INTERRUPTED;
    const reason = error instanceof Unexpected ? error.message : String(error);
    process.stderr.write(`\ndemo: this should not have happened: ${reason}\n`);
    return 1;
  } finally {
    await lab?.stop();
  }
}

async function play(lab: EmbeddedLab): Promise<void> {
  say(
    'A LAVA lab of four hosts inside this process: a database, a master, two workers.',
    '  real:       the program, SSH with keys and known_hosts, every script in a shell, files and modes,',
    '              the login with SCRAM-SHA-256 by the rules of pg_hba.conf',
    '  stand-ins:  apt-get, systemctl, PostgreSQL, users and owners; a folder is the / of each host',
  );

  step('The inventory: all that you write');
  say((await readFile(lab.inventoryFile, 'utf8')).trimEnd());

  step('A dry run: every change as a diff, nothing is touched');
  const bare = touched(lab);
  say('Of two of the four hosts, to keep it short.');
  await lavaPlay(
    lab,
    ['plan', 'inventory.yaml', '--limit', 'lava-db:worker01', '--detailed-exitcode'],
    { exitCode: 3 },
  );
  insist(touched(lab) === bare, 'the dry run left a trace on a host');
  say('Exit code 3: changes are waiting. No file of any host has been touched: compared.');

  step('Apply: the same plan, made and proved');
  await lavaPlay(lab, ['apply', 'inventory.yaml', '--yes', '--no-diff'], { exitCode: 0 });

  step('Apply again: nothing is left to do');
  const made = touched(lab);
  await lavaPlay(lab, ['apply', 'inventory.yaml', '--yes'], { exitCode: 0 });
  insist(touched(lab) === made, 'the second apply changed something');
  say('No file of any host has been touched: compared.');

  step('One more worker: its stanza in the inventory is all it takes');
  say(paint('green', `+${(await lab.addWorker('worker03')).trimEnd()}`), '');
  await lavaPlay(lab, ['plan', 'inventory.yaml', '--limit', 'lava-db'], { exitCode: 0 });
  await lavaPlay(lab, ['apply', 'inventory.yaml', '--yes', '--no-diff'], { exitCode: 0 });
  await showNewWorker(lab);

  step('Where to go next');
  say(
    'Copy inventory.example.yaml to inventory.yaml, put in your hosts, and run',
    '  npx lava-play validate',
    '  npx lava-play plan',
    'README.md goes on from there.',
  );
}

async function showNewWorker(lab: EmbeddedLab): Promise<void> {
  const pgHba = await readFile(
    join(lab.host('lava-db').root, 'etc/postgresql/15/main/pg_hba.conf'),
    'utf8',
  );
  const block = /# BEGIN lava-play[\s\S]*# END lava-play[^\n]*/.exec(pgHba)?.[0] ?? '';
  const { labAddress, root } = lab.host('worker03');
  insist(block.includes(`${labAddress}/32`), 'the database has no line for worker03');
  const files = [...listRoot(root)].filter(
    ([path, { kind }]) => kind === 'file' && /^\/(srv\/lava|etc\/lava-play|etc\/udev)\//.test(path),
  );
  insist(
    files.some(([path]) => path.endsWith('/board-03.yaml')),
    'the board of worker03 has no console',
  );
  say('pg_hba.conf on lava-db has its line:', indented(block));
  say('worker03 has its files:', indented(files.map(([path]) => path).join('\n')));
}

/** Runs the real program in the lab's folder, on this terminal. */
async function lavaPlay(
  lab: EmbeddedLab,
  args: readonly string[],
  { exitCode }: { readonly exitCode: number },
): Promise<void> {
  if (stopping) throw new Unexpected('interrupted');
  say(paint('bold', `$ lava-play ${args.join(' ')}`));
  const program = join(packageRoot(), 'bin/lava-play.js');
  child = spawn(process.execPath, [program, ...args], { cwd: lab.folder, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  child = undefined;
  insist(!stopping, 'interrupted');
  insist(code === exitCode, `lava-play ended with ${code} instead of ${exitCode}`);
}

/**
 * Lets the program finish its running step, with the hosts still up, and goes no further.
 *
 * A terminal gives Ctrl-C to the program itself; to pass it on would be a second one, which stops at once.
 */
function stop(signal: NodeJS.Signals): void {
  if (!stopping && signal !== 'SIGINT') child?.kill(signal);
  stopping = true;
}

/** A word that is another whenever anything on any host was written, even with the same text. */
function touched(lab: EmbeddedLab): string {
  return lab.hosts.map(({ root }) => hashOf(listRoot(root))).join();
}

function insist(condition: boolean, otherwise: string): void {
  if (!condition) throw new Unexpected(otherwise);
}

function step(title: string): void {
  say('', paint(['bold', 'cyan'], `== ${title}`));
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function paint(style: Parameters<typeof styleText>[0], text: string): string {
  const isPlain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR);
  return isPlain ? text : styleText(style, text, { validateStream: false });
}
