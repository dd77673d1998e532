import { isGuessable, SHORTEST_SECRET } from '../values/sensitive.ts';
import { MASK } from './mask.ts';

/** Replaces every known secret in a text, however the text spells it. */
export type Redact = (text: string) => string;

/**
 * Makes the mask for a run's secrets.
 *
 * Besides the value itself it knows its spellings in JSON, URLs, base64 and shell quotes, and the
 * single lines of a secret of many lines, such as a private key. A secret that is a plain word is hidden
 * only by the masks of the places where it is known to stand.
 */
export function redactor(secrets: readonly string[]): Redact {
  const spellings = new Set(secrets.filter((secret) => !isGuessable(secret)).flatMap(spellingsOf));
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return (text) => text;
  const any = new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g');
  return (text) => text.replace(any, MASK);
}

/** A value of the same shape with every text in it masked; what a getter gives is masked when somebody looks. */
export function redacted<T>(value: T, redact: Redact): T {
  return redactValue(value, redact) as T;
}

function spellingsOf(secret: string): readonly string[] {
  const lines = secret.split('\n').filter((line) => line.length >= 16);
  const values = secret.includes('\n') ? [secret, secret.trim(), ...lines] : [secret];
  return values
    .filter((value) => value.length >= SHORTEST_SECRET)
    .flatMap((value) => [
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      value.replaceAll("'", `'\\''`),
      value.replaceAll("'", "''"),
    ]);
}

function redactValue(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact));
  if (value === null || typeof value !== 'object') return value;
  const copy = {};
  for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (!own.enumerable) continue;
    const masked = own.get
      ? { get: () => redactValue(own.get?.call(value), redact) }
      : { value: redactValue(own.value, redact) };
    Object.defineProperty(copy, key, { ...masked, enumerable: true });
  }
  return copy;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
