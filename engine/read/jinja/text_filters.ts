import { posix } from 'node:path';
import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import { formatted } from './format_text.ts';
import { pythonRegex, replacementOf, subjectOf } from './python_regex.ts';
import { textOf } from './python_text.ts';
import { wrongType } from './refusal.ts';
import { replaced, split, textMethods } from './text_methods.ts';
import type { Filter } from './tools.ts';
import { demandNumber } from './type_filters.ts';
import { demand, numberOf, tuple } from './values.ts';

function method(name: string): Filter {
  return (input, args) => textMethods[name]?.(textOf(input), args);
}

/** Filters on texts, paths and regular expressions. */
export const textFilters: Readonly<Record<string, Filter>> = {
  lower: method('lower'),
  upper: method('upper'),
  capitalize: method('capitalize'),
  title: (input) =>
    textOf(input).replace(
      /[^-\s({[<]+/g,
      (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase(),
    ),
  trim: method('strip'),
  split: (input, args) => split(textOf(input), args),
  replace(input, args) {
    const given = bound(args, 'old', 'new', 'count');
    const [old, by] = ['old', 'new'].map((name) => textOf(given.any(name) ?? given.text(name)));
    return replaced(textOf(input), old ?? '', by ?? '', given.optionalNumber('count', -1));
  },
  format(input, args) {
    const values =
      args.positional.length > 0 ? tuple(args.positional) : Object.fromEntries(args.named);
    return formatted(textOf(input), values);
  },
  indent(input, args) {
    const given = bound(args, 'width', 'first', 'blank');
    const width = given.any('width');
    const by = typeof width === 'string' ? width : ' '.repeat(numberOf(width) ?? 4);
    const [first = '', ...lines] = textOf(input).split('\n');
    const isIndented = (line: string): boolean => line !== '' || given.flag('blank');
    const rest = lines.map((line) => (isIndented(line) ? by + line : line));
    return [given.flag('first') && isIndented(first) ? by + first : first, ...rest].join('\n');
  },
  center(input, args) {
    const [text, width] = [
      textOf(input),
      Math.min(10_000, bound(args, 'width').optionalNumber('width', 80)),
    ];
    const room = Math.max(0, width - text.length);
    const left = Math.floor(room / 2) + (room & width & 1);
    return ' '.repeat(left) + text + ' '.repeat(room - left);
  },
  truncate(input, args) {
    const given = bound(args, 'length', 'killwords', 'end', 'leeway');
    const [text, end] = [textOf(input), given.optionalText('end', '...')];
    const length = given.optionalNumber('length', 255);
    if (text.length <= length + given.optionalNumber('leeway', 5)) return text;
    const cut = text.slice(0, Math.max(0, length - end.length));
    return (given.flag('killwords') ? cut : cut.replace(/ [^ ]*$/, '')) + end;
  },
  wordcount: (input) => (textOf(input).match(/[\p{L}\p{N}_]+/gu) ?? []).length,
  quote(input) {
    const there = demand(input);
    const text = there === null ? '' : textOf(there);
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
  },
  comment(input, args) {
    const given = bound(args, 'style', 'decoration', 'prefix', 'postfix');
    const style = given.optionalText('style', 'plain');
    if (style !== 'plain') throw wrongType(`the style '${style}' is not supported`, 'plain is');
    const mark = given.optionalText('decoration', '# ');
    const lines = textOf(input)
      .split('\n')
      .map((line) => (mark + line).trimEnd());
    return [mark.trimEnd(), ...lines, mark.trimEnd()].join('\n');
  },
  basename: (input) => textOf(input).replace(/^.*\//s, ''),
  dirname(input) {
    const head = /^.*\//s.exec(textOf(input))?.[0] ?? '';
    return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
  },
  splitext(input) {
    const parts = /^(.*?[^/.][^/]*)(\.[^./]*)$/s.exec(textOf(input));
    return tuple(parts ? [parts[1], parts[2]] : [textOf(input), '']);
  },
  path_join(input) {
    const there = demand(input);
    const parts = isList(there) ? there.map(textOf) : [textOf(there)];
    return parts.reduce((all, part) => {
      if (part.startsWith('/') || all === '') return part;
      return all.endsWith('/') ? all + part : `${all}/${part}`;
    }, '');
  },
  relpath: (input, args) =>
    posix.relative(bound(args, 'start').text('start'), textOf(input)) || '.',
  regex_escape: (input) => textOf(input).replace(/[\\^$.|?*+()[\]{}#&~\s-]/g, '\\$&'),
  regex_replace(input, args) {
    const given = bound(args, 'pattern', 'replacement', 'ignorecase', 'multiline');
    const regex = pythonRegex(given.optionalText('pattern', ''), flags(given), 'g');
    const by = given.optionalText('replacement', '');
    return subjectOf(textOf(input)).replace(regex, (...parts) => replacementOf(by, matchOf(parts)));
  },
  regex_search(input, args) {
    const [pattern, ...groups] = args.positional;
    const given = bound({ positional: [], named: args.named }, 'regex', 'ignorecase', 'multiline');
    const regex = pythonRegex(textOf(given.any('regex') ?? pattern), flags(given));
    const match = regex.exec(subjectOf(textOf(input)));
    if (!match) return null;
    if (groups.length === 0) return match[0];
    return groups.map((group) => {
      const name = /^\\(?:g<(\w+)>|(\d+))$/.exec(textOf(group));
      if (!name)
        throw wrongType(`a group is named '\\\\1' or '\\\\g<name>', not '${textOf(group)}'`);
      return replacementOf(textOf(group), match);
    });
  },
  regex_findall(input, args) {
    const given = bound(args, 'regex', 'multiline', 'ignorecase');
    const regex = pythonRegex(given.text('regex'), flags(given), 'g');
    return [...subjectOf(textOf(input)).matchAll(regex)].map(([whole, ...groups]) => {
      if (groups.length === 0) return whole;
      return groups.length === 1 ? (groups[0] ?? '') : tuple(groups.map((group) => group ?? ''));
    });
  },
  urlencode: (input) =>
    encodeURIComponent(textOf(input))
      .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%2F', '/'),
  escape: escapedHtml,
  e: escapedHtml,
  wordwrap(input, args) {
    const width = demandNumber(bound(args, 'width').any('width') ?? 79);
    return textOf(input)
      .split('\n')
      .map((line) => wrapped(line, width))
      .join('\n');
  },
};

function flags(given: ReturnType<typeof bound>): { ignoreCase: boolean; multiline: boolean } {
  return { ignoreCase: given.flag('ignorecase'), multiline: given.flag('multiline') };
}

/** What `replace` hands over, as the match that it stands for. */
function matchOf(parts: readonly unknown[]): RegExpExecArray {
  const at = parts.findIndex((part) => typeof part === 'number');
  const groups = parts.at(-1);
  const named = typeof groups === 'object' ? groups : undefined;
  return Object.assign(parts.slice(0, at), {
    index: 0,
    input: '',
    groups: named,
  }) as unknown as RegExpExecArray;
}

function escapedHtml(input: unknown): string {
  const signs: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&#34;',
    "'": '&#39;',
  };
  return textOf(input).replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}

function wrapped(line: string, width: number): string {
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
