/** A name with ranges, written out. */
export type Expanded =
  | { readonly names: readonly string[] }
  | { readonly problem: string; readonly hint?: string | undefined };

/** Names that one pattern may stand for; far beyond any lab. */
const MOST = 10_000;

const RANGE = /\[([^[\]]*)\]/;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** True for a text with something in square brackets. */
export function hasRange(text: string): boolean {
  return /[[\]]/.test(text);
}

/**
 * Writes out Ansible's ranges: `worker[01:20]`, `rack[a:c]-[1:9:2]`.
 *
 * As in Ansible both ends count, and ends with leading zeros must be equally long (Ansible 2.19,
 * `lib/ansible/plugins/inventory/__init__.py`); an empty range, which Ansible accepts, is refused.
 */
export function expandRanges(pattern: string): Expanded {
  const match = RANGE.exec(pattern);
  if (!match) {
    if (!hasRange(pattern)) return { names: [pattern] };
    return { problem: `a square bracket is missing in '${pattern}'` };
  }
  const [whole, inside = ''] = match;
  const values = rangeValues(inside);
  if ('problem' in values) return values;
  const rest = expandRanges(pattern.slice(match.index + whole.length));
  if ('problem' in rest) return rest;
  if (values.names.length * rest.names.length > MOST) {
    return { problem: `'${pattern}' expands to more than ${MOST} names` };
  }
  const before = pattern.slice(0, match.index);
  if (/[[\]]/.test(before)) return { problem: `a square bracket is missing in '${pattern}'` };
  const names = values.names.flatMap((value) =>
    rest.names.map((tail) => `${before}${value}${tail}`),
  );
  return { names };
}

function rangeValues(inside: string): Expanded {
  const [begin = '', end = '', step = '1', ...more] = inside.split(':');
  const shown = `[${inside}]`;
  const isNumbers = /^\d*$/.test(begin) && /^\d+$/.test(end);
  const isLetters = /^[a-zA-Z]$/.test(begin) && /^[a-zA-Z]$/.test(end);
  if (more.length > 0 || !inside.includes(':') || !(isNumbers || isLetters)) {
    const hint = 'ranges look like [01:20], [1:9:2] or [a:f]';
    return { problem: `${shown} is not a range`, hint };
  }
  if (!/^\d+$/.test(step) || Number(step) < 1) {
    return { problem: `the step of ${shown} must be a number of at least 1` };
  }
  return isNumbers
    ? numbers(begin || '0', end, Number(step), shown)
    : letters(begin, end, Number(step), shown);
}

function numbers(begin: string, end: string, step: number, shown: string): Expanded {
  const isPadded = begin.length > 1 && begin.startsWith('0');
  if (isPadded && begin.length !== end.length) {
    const padded = begin.padStart(end.length, '0');
    return {
      problem: `both ends of ${shown} must have the same number of digits`,
      hint: `write [${padded}:${end.padStart(begin.length, '0')}]`,
    };
  }
  const [from, to] = [Number(begin), Number(end)];
  if (from > to)
    return { problem: `${shown} starts after its end`, hint: `write [${end}:${begin}]` };
  if ((to - from) / step >= MOST) return { problem: `${shown} expands to more than ${MOST} names` };
  const width = isPadded ? begin.length : 0;
  const count = Math.floor((to - from) / step) + 1;
  return {
    names: Array.from({ length: count }, (_, i) => String(from + i * step).padStart(width, '0')),
  };
}

function letters(begin: string, end: string, step: number, shown: string): Expanded {
  const isLower = LETTERS.includes(begin);
  const alphabet = isLower ? LETTERS : LETTERS.toUpperCase();
  if (!alphabet.includes(end)) {
    return { problem: `${shown} mixes lowercase and uppercase letters` };
  }
  const [from, to] = [alphabet.indexOf(begin), alphabet.indexOf(end)];
  if (from > to)
    return { problem: `${shown} starts after its end`, hint: `write [${end}:${begin}]` };
  return { names: [...alphabet.slice(from, to + 1)].filter((_, i) => i % step === 0) };
}
