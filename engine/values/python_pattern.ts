/** A pattern that cannot be understood as Python does; the message says why. */
export class PatternError extends Error {}

const BLANKS = ' \\t\\n\\r\\f\\v';

/** The end of the whole text, and its start. */
const END = '(?![\\s\\S])';
const START = '(?<![\\s\\S])';

/** Escapes with a letter that mean the same in both languages. */
const SAME_ESCAPES = 'dDwWbBfnrtvSx';

/**
 * A regular expression of Python's `re`, for texts, as one of JavaScript; `multiline` as `re.MULTILINE`.
 *
 * Facts: https://docs.python.org/3.11/library/re.html. `$` matches before a line break at the end, `.` all but
 * `\n`, `{,3}` is `{0,3}`. Throws `PatternError` for what has no counterpart.
 */
export function pythonPattern(
  source: string,
  options: { readonly multiline?: true; readonly dotAll?: true; readonly flags?: string } = {},
): RegExp {
  const [, letters = ''] = /^\(\?([imsx]+)\)/.exec(source) ?? [];
  if (letters.includes('x')) throw new PatternError('the flag x (verbose) is not supported');
  const multiline = options.multiline ?? letters.includes('m');
  const dotAll = options.dotAll ?? letters.includes('s');
  const body = letters === '' ? source : source.slice(letters.length + 3);
  const flags = `${options.flags ?? ''}${letters.includes('i') ? 'i' : ''}`;
  const text = translated(body, {
    dot: dotAll ? '[\\s\\S]' : '[^\\n]',
    start: multiline ? '(?<![^\\n])' : START,
    end: multiline ? '(?![^\\n])' : `(?=\\n?${END})`,
  });
  try {
    return new RegExp(text, flags);
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : String(error));
  }
}

interface Meanings {
  readonly dot: string;
  readonly start: string;
  readonly end: string;
}

const TOKEN =
  /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?P<(?<name>\w+)>|\(\?P=(?<back>\w+)\)|\{,(?<most>\d+)\}|[\s\S]/g;

function translated(source: string, { dot, start, end }: Meanings): string {
  return source.replace(TOKEN, (token, ...rest) => {
    const { name, back, most }: Readonly<Record<string, string | undefined>> = rest.at(-1);
    if (name !== undefined) return `(?<${name}>`;
    if (back !== undefined) return `\\k<${back}>`;
    if (most !== undefined) return `{0,${most}}`;
    if (token === '.') return dot;
    if (token === '^') return start;
    if (token === '$') return end;
    if (token.length > 1 && token.startsWith('[')) return characterClass(token);
    return token.startsWith('\\') ? escapeSequence(token) : token;
  });
}

function escapeSequence(token: string): string {
  const letter = token.slice(1);
  if (letter === 'A') return START;
  if (letter === 'Z') return END;
  if (letter === 's') return `[${BLANKS}]`;
  if (letter === 'a') return '\\x07';
  if (/[A-Za-z]/.test(letter) && !SAME_ESCAPES.includes(letter)) {
    throw new PatternError(`the escape ${token} is not supported`);
  }
  return token;
}

/** In Python, a `]` that stands first in a class belongs to it. */
function characterClass(token: string): string {
  const [, not = '', first = '', rest = ''] = /^\[(\^?)(\]?)([\s\S]*)\]$/.exec(token) ?? [];
  return `[${not}${first === '' ? '' : '\\]'}${rest.replace(/\\s/g, BLANKS)}]`;
}

/**
 * Fills in what Python's `match.expand` and `re.sub` replace: `\1`, `\g<1>`, `\g<name>`, `\n`, `\t`, `\\`.
 *
 * A group that has matched nothing is empty; one that the pattern has not is a `PatternError`.
 */
export function pythonExpansion(template: string, match: Groups): string {
  const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
  return template.replace(
    /\\(?:g<(\w+)>|([1-9]\d?)|([\s\S]?))/g,
    (token, named?: string, numbered?: string, other = '') => {
      const key = named ?? numbered;
      if (key !== undefined) return groupOf(match, key, token);
      const control = controls[other];
      if (control !== undefined) return control;
      if (/^[A-Za-z]?$/.test(other)) throw new PatternError(`the escape ${token} is not supported`);
      return token;
    },
  );
}

/** What a pattern has matched: the whole, its groups by number and by name. */
type Groups = readonly (string | undefined)[] & {
  readonly groups?: Readonly<Record<string, string>> | undefined;
};

function groupOf(match: Groups, key: string, token: string): string {
  const isNumber = /^\d+$/.test(key);
  const isKnown = isNumber ? Number(key) < match.length : Object.hasOwn(match.groups ?? {}, key);
  if (!isKnown) throw new PatternError(`the pattern has no group for ${token}`);
  return (isNumber ? match[Number(key)] : match.groups?.[key]) ?? '';
}
