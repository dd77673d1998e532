import { isList } from '../../values/values.ts';
import { textOf } from './python_text.ts';
import { wrongType } from './refusal.ts';
import { isDict, isTuple, numberOf } from './values.ts';

/** `'%s: %03d' % (name, number)`, as in Python. */
export function formatted(pattern: string, given: unknown): string {
  const values = isTuple(given) && isList(given) ? given : [given];
  let next = 0;
  const text = pattern.replace(
    /%(?:\((\w+)\))?([-+ 0#]*)(\d*)(?:\.(\d+))?([\s\S]?)/g,
    (
      _,
      key: string | undefined,
      flags: string,
      width: string,
      digits: string | undefined,
      kind: string,
    ) => {
      if (kind === '%') return '%';
      if (key === undefined && next >= values.length) {
        throw wrongType('this format has more places than values');
      }
      const value = key === undefined ? values[next] : named(given, key);
      if (key === undefined) next += 1;
      const body = converted(value, kind, digits);
      const sign = flags.includes('+') && /^[dif]/.test(kind) && !body.startsWith('-') ? '+' : '';
      return padded(sign + body, Number(width || 0), flags);
    },
  );
  if (next < values.length && !isDict(given))
    throw wrongType('this format has fewer places than values');
  return text;
}

function named(given: unknown, key: string): unknown {
  if (isDict(given) && Object.hasOwn(given, key)) return given[key];
  throw wrongType(`the format wants '${key}', which is not among its values`);
}

function converted(value: unknown, kind: string, digits: string | undefined): string {
  if (kind === 's') {
    const text = textOf(value);
    return digits === undefined ? text : text.slice(0, Number(digits));
  }
  const number = numberOf(value);
  if (!/^[dixXof]$/.test(kind)) throw wrongType(`'%${kind}' is not supported in a format`);
  if (number === undefined) throw wrongType(`'%${kind}' wants a number`, 'write name | int');
  if (kind === 'f') return number.toFixed(Number(digits ?? 6));
  const whole = Math.trunc(number);
  if (kind === 'x') return whole.toString(16);
  if (kind === 'X') return whole.toString(16).toUpperCase();
  return kind === 'o' ? whole.toString(8) : String(whole);
}

function padded(text: string, width: number, flags: string): string {
  if (width > 10_000) throw wrongType('this format is too wide');
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
