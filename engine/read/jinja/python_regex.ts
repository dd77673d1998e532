import { wrongType } from './refusal.ts';

/** How a pattern is to be read beside what it says itself. */
export interface RegexOptions {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
}

const MOST_PATTERN = 2000;
const MOST_SUBJECT = 1024 * 1024;

/** A pattern of Python's `re` as one of JavaScript; throws Refusal for what the two do not share. */
export function pythonRegex(
  pattern: string,
  { ignoreCase, multiline }: RegexOptions,
  more: 'y' | 'g' | 'gy' | '' = '',
): RegExp {
  if (pattern.length > MOST_PATTERN)
    throw wrongType(`a pattern has ${MOST_PATTERN} characters at most`);
  const inline = /^\(\?([aimsu]+)\)/.exec(pattern);
  const letters = inline?.[1] ?? '';
  const body = pattern.slice(inline?.[0].length ?? 0);
  const isMultiline = multiline === true || letters.includes('m');
  const flags = `u${more}${ignoreCase === true || letters.includes('i') ? 'i' : ''}${isMultiline ? 'm' : ''}${letters.includes('s') ? 's' : ''}`;
  refuseRunaway(pattern);
  try {
    return new RegExp(translated(body, isMultiline), flags);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrongType(`'${pattern}' is not a regular expression`, error.message.replace(/^.*: /, ''));
  }
}

/** The text that a pattern is applied to, within bounds. */
export function subjectOf(text: string): string {
  if (text.length > MOST_SUBJECT) throw wrongType('this text is too long for a regular expression');
  return text;
}

/** A repetition of a repetition can take for ever on a text that does not match. */
function refuseRunaway(pattern: string): void {
  const nested = /\((?:\?:|\?P?<\w+>)?(?:\\.|[^()\\|[\]]|\[[^\]]*\])?[+*]\)[+*{]/.exec(pattern);
  if (!nested) return;
  throw wrongType(
    `'${nested[0]}' repeats a repetition, which may take for ever`,
    'one of the two is enough',
  );
}

const CLASSES: Readonly<Record<string, readonly [alone: string, inside: string | undefined]>> = {
  w: ['[\\p{L}\\p{N}_]', '\\p{L}\\p{N}_'],
  W: ['[^\\p{L}\\p{N}_]', undefined],
  d: ['\\p{Nd}', '\\p{Nd}'],
  D: ['\\P{Nd}', '\\P{Nd}'],
  A: ['(?<![\\s\\S])', undefined],
  Z: ['(?![\\s\\S])', undefined],
  a: ['\\x07', '\\x07'],
};

function translated(pattern: string, isMultiline: boolean): string {
  let result = '';
  let inClass = false;
  let at = 0;
  while (at < pattern.length) {
    const rest = pattern.slice(at);
    const [step, text] = nextPart(rest, inClass, isMultiline);
    if (!inClass && rest.startsWith('[')) inClass = true;
    else if (inClass && rest.startsWith(']')) inClass = false;
    result += text;
    at += step;
  }
  return result;
}

/** How many characters the next part of a pattern has, and how JavaScript writes it. */
function nextPart(rest: string, inClass: boolean, isMultiline: boolean): readonly [number, string] {
  const sign = rest.charAt(0);
  if (sign === '\\') return escaped(rest, inClass);
  if (inClass) return [1, sign === '[' ? '\\[' : sign];
  if (sign === '[') {
    const first = /^\[(\^?)(\]?)/.exec(rest);
    return [first?.[0].length ?? 1, `[${first?.[1] ?? ''}${first?.[2] ? '\\]' : ''}`];
  }
  if (sign === '$' && !isMultiline) return [1, '(?=\\n?(?![\\s\\S]))'];
  const named = /^\(\?P<(\w+)>/.exec(rest);
  if (named) return [named[0].length, `(?<${named[1]}>`];
  const again = /^\(\?P=(\w+)\)/.exec(rest);
  if (again) return [again[0].length, `\\k<${again[1]}>`];
  if (/^\(\?[^:=!<]|^\(\?<[^=!]/.test(rest)) {
    throw wrongType(`'${rest.slice(0, 4)}' is not supported in a regular expression`);
  }
  if (/^(?:[*+?]|\{\d*,?\d*\})\+/.test(rest))
    throw wrongType('possessive repetitions are not supported');
  if (sign === '{' && !/^\{(\d+,?\d*|,\d+)\}/.test(rest)) return [1, '\\{'];
  const upTo = /^\{,(\d+)\}/.exec(rest);
  if (upTo) return [upTo[0].length, `{0,${upTo[1]}}`];
  const count = /^\{\d+,?\d*\}/.exec(rest);
  if (count) return [count[0].length, count[0]];
  return [1, sign === '}' || sign === ']' ? `\\${sign}` : sign];
}

function escaped(rest: string, inClass: boolean): readonly [number, string] {
  const sign = rest.charAt(1);
  const known = Object.hasOwn(CLASSES, sign) ? CLASSES[sign] : undefined;
  if (known) {
    const text = known[inClass ? 1 : 0];
    if (text !== undefined) return [2, text];
    throw wrongType(`'\\${sign}' is not supported inside brackets`);
  }
  if (/[\p{L}\p{N}]/u.test(sign)) return [2, `\\${sign}`];
  if (/[\^$\\.*+?()[\]{}|/]/.test(sign) || (inClass && sign === '-')) return [2, `\\${sign}`];
  if (sign === '') throw wrongType('a regular expression cannot end with a backslash');
  return [2, sign];
}

/** A replacement of Python's `re.sub` (`\1`, `\g<name>`, `\n`) for one match. */
export function replacementOf(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\\(?:g<(\w+)>|(\d{1,2})|([\s\S]))/g, (whole, name, digits, sign) => {
    const group: string | undefined = name ?? digits;
    if (group === undefined) return plainEscape(whole, sign);
    const isNumber = /^\d+$/.test(group);
    const isThere = isNumber
      ? Number(group) < match.length
      : Object.hasOwn(match.groups ?? {}, group);
    if (!isThere) throw wrongType(`the pattern has no group '${group}'`);
    return (isNumber ? match[Number(group)] : match.groups?.[group]) ?? '';
  });
}

function plainEscape(whole: string, sign: string): string {
  const known: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
  if (/[a-zA-Z]/.test(sign) && !Object.hasOwn(known, sign)) {
    throw wrongType(`'${whole}' means nothing in a replacement`);
  }
  return known[sign] ?? whole;
}
