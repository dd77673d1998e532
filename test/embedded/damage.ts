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
  if (basename(path) === 'pg_hba.conf') {
    const text = readFileSync(full, 'utf8').replace(/^.*\b192\.0\.2\..*\n/m, '');
    writeFileSync(full, text);
    return { path, what: 'without a line', text, isRewritten: true };
  }
  switch (random.pick(['longer', 'empty', 'removed', 'mode'])) {
    case 'longer': {
      const text = `${readFileSync(full, 'utf8')}# somebody was here: ${random.below(1e9)}\n`;
      writeFileSync(full, text);
      return { path, what: 'longer', text, isRewritten: true };
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
