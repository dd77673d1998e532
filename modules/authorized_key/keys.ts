import { Refused } from '../../engine/sdk.ts';

/** A line of authorized_keys(5) that holds a key. */
export interface KeyLine {
  readonly options: string;
  readonly type: string;
  /** The key itself, in base64: what tells one key from another. */
  readonly data: string;
  readonly comment: string;
}

const TYPE =
  '(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\\.com)(?:-cert-v01@openssh\\.com)?';
const KEY = new RegExp(
  `^\\s*(?:((?:"(?:\\\\"|[^"])*"|[^\\s"])+)\\s+)??(${TYPE})\\s+([A-Za-z0-9+/]+=*)(?:\\s+(.*?))?\\s*$`,
);

/** The key in a line; nothing where it is empty, a comment, or something else. */
function keyIn(line: string): KeyLine | undefined {
  const [whole, options = '', type = '', data = '', comment = ''] = KEY.exec(line) ?? [];
  return whole === undefined || line.trimStart().startsWith('#')
    ? undefined
    : { options, type, data, comment };
}

/** The keys of a text, a line each. */
export function keysIn(text: string): readonly KeyLine[] {
  return text.split('\n').flatMap((line) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return [];
    const key = keyIn(line);
    if (key) return [key];
    throw new Refused(
      `'${line.trim().slice(0, 40)}' is not a public key`,
      'a public key is a line as ssh-keygen writes it to a file NAME.pub',
    );
  });
}

/** What is wanted of an authorized_keys file. */
export interface KeyWish {
  readonly keys: readonly KeyLine[];
  readonly state: 'present' | 'absent';
  /** Whether all other keys go. */
  readonly exclusive: boolean;
}

/** The file with these keys, or without them; lines of others stay as they are, and in their order. */
export function withKeys(now: string, { keys, state, exclusive }: KeyWish): string {
  const lines = now === '' ? [] : now.replace(/\n$/, '').split('\n');
  const wanted = new Map(keys.map((key) => [key.data, key]));
  const placed = new Set<string>();
  const kept = lines.flatMap((line) => {
    const found = keyIn(line);
    if (!found) return [line];
    const key = wanted.get(found.data);
    if (!key) return exclusive && state === 'present' ? [] : [line];
    if (state === 'absent' || placed.has(found.data)) return [];
    placed.add(found.data);
    return [isSame(found, key) ? line : lineOf(key)];
  });
  const missing =
    state === 'absent' ? [] : [...wanted.values()].filter(({ data }) => !placed.has(data));
  const all = [...kept, ...missing.map(lineOf)];
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}

function isSame(one: KeyLine, other: KeyLine): boolean {
  return one.options === other.options && one.type === other.type && one.comment === other.comment;
}

function lineOf({ options, type, data, comment }: KeyLine): string {
  return [options, type, data, comment].filter((part) => part !== '').join(' ');
}
