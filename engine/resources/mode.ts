import { Refused } from '../contract/resource.ts';

/** What a mode is applied to: `X` and new permissions depend on it. */
export interface ModeSubject {
  /** Octal, as it is now. */
  readonly mode: string;
  readonly type: 'directory' | 'regular file';
}

/** Permissions as an octal number of four digits: `0644`. */
const OCTAL = /^[0-7]{3,4}$/;

/** One part of a symbolic mode, such as `u=rw` or `go-w`; somebody must be named, as without that the umask counts. */
const CLAUSE = /^([ugoa]+)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/;

const SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

/** The mode that is meant, octal: symbolic ones (`u=rwX,g=r,o=`) start from what is there, as with chmod(1). */
export function octalMode(mode: string, { mode: now, type }: ModeSubject): string {
  if (OCTAL.test(mode)) return mode;
  const before = Number.parseInt(now, 8);
  const after = mode.split(',').reduce((bits, clause) => applied(clause, bits), before);
  return after.toString(8).padStart(4, '0');

  function applied(clause: string, bits: number): number {
    const [, who = '', operations = ''] = CLAUSE.exec(clause) ?? notAMode(mode);
    const classes = who.includes('a') ? ['u', 'g', 'o'] : [...who];
    return [...operations.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)].reduce(
      (now, [, operator = '', letters = '']) =>
        classes.reduce((sum, name) => changed(sum, name, operator, letters), now),
      bits,
    );
  }

  function changed(bits: number, name: string, operator: string, letters: string): number {
    const given = bitsOf(letters, name, bits);
    if (operator === '+') return bits | given;
    if (operator === '-') return bits & ~given;
    return (bits & ~everything(name)) | given;
  }

  function bitsOf(letters: string, name: string, bits: number): number {
    const shift = SHIFT[name] ?? 0;
    if (/^[ugo]$/.test(letters)) return ((bits >> (SHIFT[letters] ?? 0)) & 7) << shift;
    const runs = type === 'directory' || (bits & 0o111) !== 0;
    const values: Readonly<Record<string, number>> = {
      ...{ r: 4 << shift, w: 2 << shift, x: 1 << shift, X: runs ? 1 << shift : 0 },
      ...{ s: special(name), t: 0o1000 },
    };
    return [...letters].reduce((sum, letter) => sum | (values[letter] ?? 0), 0);
  }
}

/** Refuses what `octalMode` does not understand. */
export function requireMode(mode: string): void {
  octalMode(mode, { mode: '0', type: 'regular file' });
}

function special(name: string): number {
  return name === 'u' ? 0o4000 : name === 'g' ? 0o2000 : 0;
}

function everything(name: string): number {
  return (7 << (SHIFT[name] ?? 0)) | (name === 'o' ? 0o1000 : special(name));
}

function notAMode(mode: string): never {
  throw new Refused(
    `the mode ${JSON.stringify(mode)} is neither an octal number such as "0644" nor symbolic such as "u=rw,go=r"`,
  );
}
