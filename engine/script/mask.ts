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

/** Hides what stands in a line of YAML under a key that names a password, unless it is a tag, a map, a list or a template. */
export const maskSensitiveKeys = maskAfter(
  /(?:password|passwd|passphrase|token|secret|_pass|\bpass)["']?\s*:\s+["']?(?![!{[&*"'])([^"',}#]*[^"',}#\s])/i,
);

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
