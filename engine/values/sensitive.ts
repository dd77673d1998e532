import { isList, isMap } from './values.ts';

const OPEN = '‹secret ';
const CLOSE = '›';

/** Letters of a secret; shorter ones would be masked all over the place, or not at all. */
export const SHORTEST_SECRET = 4;

/**
 * True for a secret that is one plain word or number, which output holds for reasons of its own: `lava`.
 *
 * Masking it wherever it stands would destroy the output and show the reader what was hidden.
 */
export function isGuessable(secret: string): boolean {
  return /^([A-Z]?[a-z]{1,11}|[A-Z]{1,11}|[0-9]{1,6})$/.test(secret);
}

/** What stands in the place of a secret while files are checked and no secret is asked for. */
export function placeholder(name: string): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** True for a text with a secret's placeholder in it: nothing can be said about such a text yet. */
export function hasPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && value.includes(OPEN);
}

/** True for a key, or a dotted path, whose value must never be shown. */
export function isSensitiveKey(path: string): boolean {
  const key = path.split('.').at(-1) ?? '';
  return /(password|passwd|passphrase|token|secret|_pass|^pass)$/i.test(key);
}

/** Whatever it is called. */
function isPrivateKey(value: unknown): boolean {
  return typeof value === 'string' && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value);
}

/** The texts below sensitive keys, and private keys; placeholders and texts too short to be masked are left out. */
export function sensitiveTexts(value: unknown): readonly string[] {
  if (isList(value)) return value.flatMap(sensitiveTexts);
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    (isSensitiveKey(key) || isPrivateKey(part)) &&
    (typeof part === 'string' || typeof part === 'number')
      ? [String(part)].filter((text) => text.length >= SHORTEST_SECRET && !hasPlaceholder(text))
      : sensitiveTexts(part),
  );
}
