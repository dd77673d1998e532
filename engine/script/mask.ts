import { isSensitiveKey } from '../values/sensitive.ts';

/** What stands in the place of a secret. */
export const MASK = '********';

/**
 * A mask that hides what the first group of each pattern matches, wherever it matches:
 * `maskAfter(/^DB_PASSWORD="(.*)"$/m)`.
 *
 * Secrets are hidden by their position because the old one, on a diff's minus side, is known to nobody.
 */
export function maskAfter(...patterns: readonly RegExp[]): (text: string) => string {
  return (text) => patterns.reduce(hideGroup, text);
}

/** A key of YAML and its value, unless that is a tag, an alias, a map, a list or a template. */
const PAIR = /([\w.-]+)(["']?\s*:\s+["']?)(?![!{[&*"'])[^"',}#]*[^"',}#\s]/g;

/** Hides the values of a line of YAML that stand under keys for passwords. */
export function maskSensitiveKeys(line: string): string {
  return line.replace(PAIR, (pair: string, key: string, between: string) =>
    isSensitiveKey(key) ? `${key}${between}${MASK}` : pair,
  );
}

function hideGroup(text: string, pattern: RegExp): string {
  const flags = new Set([...pattern.flags, 'g', 'd']);
  let shown = '';
  let rest = 0;
  for (const { indices } of text.matchAll(new RegExp(pattern.source, [...flags].join('')))) {
    const [start, end] = indices?.[1] ?? [0, 0];
    if (start === end) continue;
    shown += text.slice(rest, start) + MASK;
    rest = end;
  }
  return shown + text.slice(rest);
}
