import {
  chmodSync,
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Random } from '../support/random.ts';
import type { EmbeddedHost } from './embedded_host.ts';

/** What somebody did to a host. */
export interface Damage {
  readonly path: string;
  readonly what: string;
  /** The text that stands there now, written by somebody else. */
  readonly text?: string;
  /** Whether a service has to be told once it is right again. */
  readonly isRewritten: boolean;
}

/** What may be done to files of which others write a part. */
const WAYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['pg_hba.conf', ['shorter', 'mode']],
  ['lava-coordinator.conf', ['removed', 'mode']],
]);

/** Keeps how a host is, to have it again. */
export interface Original {
  restore(): void;
}

/** What is in a host's folders now; copies are made below a folder of the test. */
export function original({ name, root }: EmbeddedHost, folder: string): Original {
  const copy = join(folder, name);
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
  return {
    restore() {
      for (const each of ['root', 'owners', 'bin']) {
        const path = join(dirname(root), each);
        for (const entry of readdirSync(path)) rmSync(join(path, entry), { recursive: true });
      }
      cpSync(copy, root, { recursive: true, verbatimSymlinks: true });
    },
  };
}

/** Does something to some of the files, links and folders that lava-play has made. */
export function damageSome(
  { root }: EmbeddedHost,
  made: readonly string[],
  random: Random,
): readonly Damage[] {
  const chosen = new Set(Array.from({ length: 1 + random.below(4) }, () => random.pick(made)));
  const isFolder = (path: string): boolean => lstatSync(join(root, path)).isDirectory();
  const folders = [...chosen].filter(isFolder);
  const isGone = (path: string): boolean => folders.some((folder) => path.startsWith(`${folder}/`));
  const others = [...chosen].filter((path) => !folders.includes(path) && !isGone(path));
  return [
    ...folders.map((path) => removeFolder(root, path)),
    ...others.map((path) => damage(root, path, random)),
  ];
}

function removeFolder(root: string, path: string): Damage {
  rmSync(join(root, path), { recursive: true, force: true });
  return { path, what: 'removed', isRewritten: false };
}

function damage(root: string, path: string, random: Random): Damage {
  const full = join(root, path);
  const stat = lstatSync(full);
  if (stat.isSymbolicLink()) {
    rmSync(full);
    if (random.below(2) === 0) return { path, what: 'removed', isRewritten: true };
    symlinkSync('/nowhere', full);
    return { path, what: 'led to nowhere', isRewritten: true };
  }
  const lines = readFileSync(full, 'utf8').split(/(?<=\n)/);
  const ours =
    basename(path) === 'pg_hba.conf' ? lines.filter((line) => line.includes('192.0.2.')) : lines;
  switch (random.pick(WAYS.get(basename(path)) ?? ['shorter', 'empty', 'removed', 'mode'])) {
    case 'shorter': {
      const text = lines.filter((line) => line !== ours.at(-1)).join('');
      writeFileSync(full, text);
      return { path, what: 'without a line', text, isRewritten: true };
    }
    case 'empty':
      writeFileSync(full, '');
      return { path, what: 'emptied', text: '', isRewritten: true };
    case 'removed':
      rmSync(full);
      return { path, what: 'removed', isRewritten: true };
    default:
      chmodSync(full, (stat.mode & 0o7777) === 0o666 ? 0o600 : 0o666);
      return { path, what: 'with another mode', isRewritten: false };
  }
}
