import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import type { Arguments } from './nodes.ts';
import { MOST_TEXT } from './operators.ts';
import { textOf } from './python_text.ts';
import { wrongType } from './refusal.ts';
import { numberOf, tuple } from './values.ts';

/** Methods of a text, as in Python. */
export const textMethods: Readonly<
  Record<string, (self: string, args: Arguments<unknown>) => unknown>
> = {
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  casefold: (self) => self.toLowerCase(),
  capitalize: (self) => capitalized(self),
  title: (self) => self.replace(/\p{L}+/gu, capitalized),
  swapcase: (self) =>
    [...self]
      .map((sign) => (sign === sign.toUpperCase() ? sign.toLowerCase() : sign.toUpperCase()))
      .join(''),
  strip: (self, args) => stripped(self, args, 'both'),
  lstrip: (self, args) => stripped(self, args, 'left'),
  rstrip: (self, args) => stripped(self, args, 'right'),
  split: (self, args) => split(self, args),
  rsplit: (self, args) => rightSplit(self, args),
  splitlines: (self) => (self === '' ? [] : self.replace(/\r?\n$/, '').split(/\r?\n/)),
  partition(self, args) {
    const by = bound(args, 'separator').text('separator');
    const at = self.indexOf(by);
    return tuple(at < 0 ? [self, '', ''] : [self.slice(0, at), by, self.slice(at + by.length)]);
  },
  join(self, args) {
    const items = bound(args, 'items').any('items');
    if (!isList(items)) throw wrongType("'join' takes a list");
    return items
      .map((item) => {
        if (typeof item === 'string') return item;
        throw wrongType("the method 'join' takes texts alone", "write list | join(',')");
      })
      .join(self);
  },
  replace(self, args) {
    const given = bound(args, 'old', 'new', 'count');
    return replaced(self, given.text('old'), given.text('new'), given.optionalNumber('count', -1));
  },
  startswith: (self, args) => prefixes(args).some((prefix) => self.startsWith(prefix)),
  endswith: (self, args) => prefixes(args).some((suffix) => self.endsWith(suffix)),
  find: (self, args) => self.indexOf(bound(args, 'part').text('part')),
  rfind: (self, args) => self.lastIndexOf(bound(args, 'part').text('part')),
  index(self, args) {
    const at = self.indexOf(bound(args, 'part').text('part'));
    if (at < 0) throw wrongType('this text does not have that part');
    return at;
  },
  count: (self, args) => self.split(bound(args, 'part').text('part')).length - 1,
  removeprefix(self, args) {
    const prefix = bound(args, 'prefix').text('prefix');
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  },
  removesuffix(self, args) {
    const suffix = bound(args, 'suffix').text('suffix');
    return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
  },
  isdigit: (self) => /^\p{Nd}+$/u.test(self),
  isnumeric: (self) => /^\p{N}+$/u.test(self),
  isalpha: (self) => /^\p{L}+$/u.test(self),
  isalnum: (self) => /^[\p{L}\p{N}]+$/u.test(self),
  isspace: (self) => /^\s+$/.test(self),
  isupper: (self) => self === self.toUpperCase() && self !== self.toLowerCase(),
  islower: (self) => self === self.toLowerCase() && self !== self.toUpperCase(),
  zfill(self, args) {
    const sign = /^[-+]/.exec(self)?.[0] ?? '';
    return sign + self.slice(sign.length).padStart(width(args) - sign.length, '0');
  },
  ljust: (self, args) => self.padEnd(width(args), filling(args)),
  rjust: (self, args) => self.padStart(width(args), filling(args)),
  format: (self, args) => formatted(self, args),
};

/** First letter large, all others small. */
function capitalized(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** Replaces a part, `count` times at most unless it is below zero. */
export function replaced(text: string, old: string, by: string, count: number): string {
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  const times = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  if (text.length + times * by.length > MOST_TEXT) throw wrongType('this text is too long');
  const [first = '', ...rest] = parts;
  return rest.reduce((all, part, index) => all + (index < times ? by : old) + part, first);
}

function prefixes(args: Arguments<unknown>): readonly string[] {
  const given = bound(args, 'prefix');
  const value = given.any('prefix');
  return isList(value) ? value.map(textOf) : [given.text('prefix')];
}

function stripped(text: string, args: Arguments<unknown>, side: 'left' | 'right' | 'both'): string {
  const signs = bound(args, 'signs').any('signs');
  const isOne = (sign: string): boolean =>
    typeof signs === 'string' ? signs.includes(sign) : /\s/.test(sign);
  let [from, to] = [0, text.length];
  if (side !== 'right') while (from < to && isOne(text.charAt(from))) from += 1;
  if (side !== 'left') while (to > from && isOne(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** `text.split(separator, most)`: without a separator at any white space. */
export function split(text: string, args: Arguments<unknown>): readonly string[] {
  const given = bound(args, 'sep', 'maxsplit');
  const by = given.any('sep');
  const most = given.optionalNumber('maxsplit', -1);
  if (by === undefined || by === null) {
    const words = text
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (most < 0 || words.length <= most + 1) return words;
    const head = new RegExp(`^\\s*${'\\S+\\s+'.repeat(most)}`).exec(text)?.[0] ?? '';
    return [...words.slice(0, most), text.slice(head.length).trimEnd()];
  }
  const separator = given.text('sep');
  if (separator === '') throw wrongType('the separator is empty');
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function rightSplit(text: string, args: Arguments<unknown>): readonly string[] {
  const given = bound(args, 'sep', 'maxsplit');
  const most = given.optionalNumber('maxsplit', -1);
  if (most < 0) return split(text, args);
  const separator = given.text('sep');
  const parts = text.split(separator);
  const head = parts.length - most;
  return head <= 1 ? parts : [parts.slice(0, head).join(separator), ...parts.slice(head)];
}

function width(args: Arguments<unknown>): number {
  const given = bound(args, 'width', 'fill').optionalNumber('width', 0);
  if (given > MOST_TEXT) throw wrongType('this text is too long');
  return given;
}

function filling(args: Arguments<unknown>): string {
  return bound(args, 'width', 'fill').optionalText('fill', ' ');
}

/** `'{} {name}'.format(…)`: places alone; a place with a format of its own is refused. */
function formatted(pattern: string, { positional, named }: Arguments<unknown>): string {
  let next = 0;
  return pattern.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, place: string | undefined) => {
    if (place === undefined) return whole.charAt(0);
    if (!/^\w*$/.test(place)) throw wrongType(`the place {${place}} of a format is not supported`);
    const key = place === '' ? String(next++) : place;
    const value = /^\d+$/.test(key) ? positional[Number(key)] : named.get(key);
    if (value === undefined)
      throw wrongType(`the format wants {${place}}, which is not among its values`);
    return numberOf(value) === undefined && typeof value === 'string' ? value : textOf(value);
  });
}
