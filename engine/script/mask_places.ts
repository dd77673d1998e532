import { MASK } from './mask.ts';
import type { Redact } from './redact.ts';

/** What stands before the value in a line that names it: `PASSWORD=`, `"token": `, `{% set power_on_command = `. */
const NAMED = /^\s*(?:\{%-?\s*set\s+|-\s+|export\s+)?([^\s=:]+)\s*[=:]\s*/;

/** Where a line holds a secret: the name of the value, and what stands on both sides of the secret. */
interface Place {
  readonly name: string | undefined;
  readonly before: string;
  readonly after: string;
}

/**
 * A mask for the text that `wanted` replaces, where another secret may stand in the same place: an earlier one, which
 * nobody knows any more.
 *
 * A line that `wanted` has too is shown. Any other is hidden where `wanted` has a secret: in the middle when the rest of
 * the line is the same, else from its name on.
 */
export function maskPlaces(wanted: string, redact: Redact): Redact {
  const lines = wanted.split('\n');
  const places = lines.flatMap((line) => placeIn(line, redact(line)) ?? []);
  if (places.length === 0) return redact;
  const known = new Set(lines);
  return (text) =>
    text
      .split('\n')
      .map((line) => (known.has(line) ? redact(line) : hide(redact(line), places)))
      .join('\n');
}

function placeIn(line: string, masked: string): Place | undefined {
  if (line === masked) return undefined;
  const before = commonStart(line, masked);
  const after = commonStart(
    reversed(line.slice(before.length)),
    reversed(masked.slice(before.length)),
  );
  return { name: NAMED.exec(before)?.[1], before, after: reversed(after) };
}

function hide(line: string, places: readonly Place[]): string {
  const same = places.find(
    ({ before, after }) =>
      line.length > before.length + after.length && line.startsWith(before) && line.endsWith(after),
  );
  if (same) return `${same.before}${MASK}${same.after}`;
  const [start = '', name] = NAMED.exec(line) ?? [];
  const isNamed = places.some((place) => name !== undefined && place.name === name);
  return isNamed ? `${start}${MASK}` : line;
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}
