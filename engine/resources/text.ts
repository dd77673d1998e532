/** The text of bytes, byte order mark and all; nothing when they are not UTF-8 or hold a NUL. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Two texts as a diff may show them. */
export type Shown = readonly [before: string, after: string];

/**
 * Masks both sides of a diff.
 *
 * A value that changes under its mask is marked, so that no change is invisible.
 */
export function showMasked(before: string, after: string, mask: (text: string) => string): Shown {
  const masked: Shown = [mask(before), mask(after)];
  const marked: Shown = [masked[0], markChanges([before, after], masked)];
  if (before === after || marked[0] !== marked[1]) return marked;
  return [marked[0], `${withLastLineEnded(marked[1])}(a masked value changes)\n`];
}

/** Makes carriage returns visible where a diff of otherwise equal lines would puzzle. */
export function showLineEnds([before, after]: Shown): Shown {
  if (before.includes('\r') === after.includes('\r')) return [before, after];
  return [before.replaceAll('\r', '␍'), after.replaceAll('\r', '␍')];
}

/** The text with a line break at its end, unless it is empty. */
export function withLastLineEnded(text: string, lineEnd = '\n'): string {
  return text === '' || text.endsWith('\n') ? text : `${text}${lineEnd}`;
}

/** The lines of a text, each with its line break. */
export function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function markChanges([before, after]: Shown, [maskedBefore, maskedAfter]: Shown): string {
  const plain = after.split('\n');
  const masked = maskedAfter.split('\n');
  if (plain.length !== masked.length) return maskedAfter;
  const known = new Set(before.split('\n'));
  const knownMasked = new Set(maskedBefore.split('\n'));
  return masked
    .map((line, index) => {
      const text = plain[index] ?? '';
      const changes = line !== text && !known.has(text) && knownMasked.has(line);
      return changes ? `${line} (the masked value changes)` : line;
    })
    .join('\n');
}
