import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Event } from '../../engine/events/event.ts';
import { patience } from '../support/patience.ts';
import { eventsOf, lavaPlay, ofType, startLavaPlay } from '../support/program.ts';
import { type Random, randomFrom } from '../support/random.ts';
import { type Damage, damageSome, original } from './damage.ts';
import type { EmbeddedHost } from './embedded_host.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { lightFuse, plantFuses, putOut } from './fuse.ts';
import { changedPaths, type Entry, listRoot } from './root_listing.ts';

/** What dies in a round: lava-play, its connection, all shells and connections of the host, or something of its script. */
export const DEATHS = [
  'controller',
  'connection',
  'login',
  'host',
  'shell',
  'step',
  'program',
] as const;
export type Death = (typeof DEATHS)[number];

/** What came of a round. */
export interface Round {
  /** All that the seed has chosen, in words. */
  readonly story: string;
  readonly death: Death;
  /** Whether the run was over before anything died. */
  readonly isKilled: boolean;
  /** What is not as it would be, had nothing been killed; nothing in a good round. */
  readonly lost: readonly string[];
}

/** Plays the round of a seed. */
export type PlayRound = (seed: number) => Promise<Round>;

/** The host that is also set up from nothing. */
const BARE = 'worker01';

/** What tells a service that a file has changed, as the stand-ins write it down. */
const TELLING: ReadonlyMap<string, RegExp> = new Map([
  ['/etc/postgresql/15/main/conf.d/lava-play.conf', /^systemctl restart .*postgresql@15-main/],
  ['/etc/postgresql/15/main/pg_hba.conf', /^systemctl (reload|restart) .*postgresql@15-main/],
  ['/etc/systemd/system/lava-console@.service', /^systemctl daemon-reload/],
]);

/** Makes a lab right, in which rounds can then be played. */
export async function prepareRounds(
  folder: string,
): Promise<{ readonly lab: EmbeddedLab; readonly playRound: PlayRound }> {
  const lab = await startEmbeddedLab({ workers: 1 });
  plantFuses(lab);
  const bare = original(lab.host(BARE), folder);
  const { code, stdout } = await lavaPlay(['apply', lab.inventoryFile, '--yes', '--json']);
  if (code !== 0) throw new Error(`the first apply has failed: ${stdout}`);
  const before = lab.hosts.map((host) => ({
    host,
    right: listRoot(host.root),
    made: pathsOf(eventsOf(stdout), host.name),
  }));

  async function playRound(seed: number): Promise<Round> {
    const random = randomFrom(seed);
    const { host, right, made } = random.pick(before);
    const death = random.pick(DEATHS);
    const isBare = host.name === BARE && random.below(4) === 0;
    if (isBare) bare.restore();
    const damages = isBare ? [] : damageSome(host, made, random);
    const told = (await host.calls()).length;
    const args = ['apply', lab.inventoryFile, '--yes', '--json', '--limit', host.name];
    const run = await applyAndKill(args, { host, death, random, isBare, damages });
    putOut(host);
    const repair = await applyOnceFree(args);
    if (locksOn(host).length > 0) await lavaPlay(['unlock', host.name, lab.inventoryFile]);
    const calls = (await host.calls()).slice(told).split('\n');
    const story = [
      `seed ${seed}: ${host.name}`,
      ...(isBare ? ['bare'] : damages.map(({ path, what }) => `${path} ${what}`)),
      run.story,
    ].join(', ');
    const now = listRoot(host.root);
    const lost = [
      ...repair,
      ...changedPaths(right, now).map(
        (path) => `${path} is ${inWords(now.get(path))} instead of ${inWords(right.get(path))}`,
      ),
      ...leftOn(host),
      ...damages.flatMap((each) => [...textLost(each, host), ...unheard(each, calls)]),
    ];
    return { story, death, isKilled: run.isKilled, lost };
  }

  return { lab, playRound };
}

/** Paths of files, links and folders that a run has made. */
function pathsOf(events: readonly Event[], host: string): readonly string[] {
  const changes = ofType(events, 'host-planned')
    .filter((event) => event.host === host)
    .flatMap((event) => event.changes);
  return changes.flatMap(
    ({ resource }) => /^(?:file|directory|symlink) (\/.*)$/.exec(resource)?.[1] ?? [],
  );
}

interface Attack {
  readonly host: EmbeddedHost;
  readonly death: Death;
  readonly random: Random;
  readonly isBare: boolean;
  readonly damages: readonly Damage[];
}

/** Runs an apply in which something dies at a point that the random numbers choose. */
async function applyAndKill(
  args: readonly string[],
  { host, death, random, isBare, damages }: Attack,
): Promise<{ readonly story: string; readonly isKilled: boolean }> {
  const counts = random.below(4) === 0 ? 'always' : 'while locked';
  const programs = 1 + random.below(isBare ? 250 : 20 + 20 * damages.length);
  const bytes = random.below(3000);
  const isOfScript = death === 'shell' || death === 'step' || death === 'program';
  if (death === 'login') {
    const isCut = host.cutAfter(bytes);
    const { code } = await lavaPlay(args);
    const story = `the connection dies after ${bytes} bytes, exit code ${code}`;
    return { story, isKilled: isCut() };
  }
  const fuse = lightFuse(host, { programs, counts }, isOfScript ? death : 'nobody');
  const run = startLavaPlay(args);
  let isOver = false;
  const ended = run.ended.finally(() => {
    isOver = true;
  });
  const limit = patience(600_000);
  while (!isOver && !fuse.isWaiting()) {
    if (limit.isOver()) throw new Error(`nothing happens: ${JSON.stringify(run.events().at(-1))}`);
    await pause(10);
  }
  if (fuse.isWaiting()) {
    if (death === 'controller') run.signal('SIGKILL');
    if (death === 'connection') host.cut();
    if (death === 'host') host.crash();
    if (death === 'controller') await ended;
    fuse.release();
  }
  const { code } = await ended;
  const when = `at program ${programs} (${counts})`;
  return { story: `the ${death} dies ${when}, exit code ${code}`, isKilled: fuse.isBurnt() };
}

/** Applies as soon as what is left of the run before has let go of the host; gives back what failed. */
async function applyOnceFree(args: readonly string[]): Promise<readonly string[]> {
  const limit = patience(120_000);
  for (;;) {
    const { code, stdout, stderr } = await lavaPlay(args);
    const failures = ofType(eventsOf(stdout), 'host-failed').map(({ failure }) => failure);
    if (failures.some((failure) => failure.code === 'locked') && !limit.isOver()) continue;
    const said = failures.map((failure) => JSON.stringify(failure));
    return code === 0 ? [] : [`the apply after it ended with ${code}`, ...said, stderr];
  }
}

/** A run that died at its very end, and had nothing left to do, leaves a lock that is stale: `unlock` takes it. */
function locksOn({ root }: EmbeddedHost): readonly string[] {
  return readdirSync(join(root, 'run')).filter((name) => name.startsWith('lava-play.lock'));
}

/** Locks that live on, handlers that are pending, and what is neither backup nor record. */
function leftOn(host: EmbeddedHost): readonly string[] {
  const state = join(host.root, 'var/lib/lava-play');
  const known = ['backup', 'format', 'instances', 'owed'];
  const others = readdirSync(state).filter((name) => !known.includes(name));
  const pending = readdirSync(join(state, 'owed'));
  return [...locksOn(host), ...pending, ...others].map((name) => `${name} is left`);
}

/** A text of somebody that has been replaced and is in no backup. */
function textLost({ path, text }: Damage, { root }: EmbeddedHost): readonly string[] {
  if (text === undefined) return [];
  const folder = join(root, 'var/lib/lava-play/backup');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
  const isKept = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .some((file) => file.endsWith(`${root}${path}`) && readFileSync(file, 'utf8') === text);
  return isKept ? [] : [`the text of ${path} is in no backup`];
}

/** A service that was told nothing after its file had become right. */
function unheard({ path, isRewritten }: Damage, calls: readonly string[]): readonly string[] {
  const telling = TELLING.get(path);
  if (!telling || !isRewritten) return [];
  const placed = calls.findLastIndex((call) => call.endsWith(` ../${basename(path)}`));
  const heard = calls.findLastIndex((call) => telling.test(call));
  return placed >= 0 && heard > placed ? [] : [`nobody was told of ${path}: ${placed}, ${heard}`];
}

function inWords(entry: Entry | undefined): string {
  if (!entry) return 'missing';
  const { kind, mode, owner, text } = entry;
  return `a ${kind} ${mode} ${owner}${text === '' ? '' : ` with ${JSON.stringify(text)}`}`;
}
