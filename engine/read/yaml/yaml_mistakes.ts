import type { Diagnostic } from '../../contract/errors.ts';
import type { Place } from '../../values/places.ts';
import { UNQUOTED_TEMPLATE } from './yaml_words.ts';

export function notAKey(place: Place): Diagnostic {
  const braces = place.text.lastIndexOf('{{', place.column);
  return braces >= 0
    ? { code: 'yaml-syntax', ...UNQUOTED_TEMPLATE, place: { ...place, column: braces + 1 } }
    : {
        code: 'bad-key',
        message: 'a key must be a plain word, not a map, a list or an alias',
        place,
      };
}

/** True when nothing of the typed text is lost: `0403`, `1e5`, `1.10` and very long numbers are not. */
function keepsItsText(value: number, source: string): boolean {
  if (/^0x[\da-f]+$/i.test(source)) return Number.isSafeInteger(value);
  return String(value) === source && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

export function isKnownTag(tag: string): boolean {
  return tag === '!' || /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/.test(tag);
}

export function unknownTag(tag: string, place: Place): Diagnostic {
  const hints: Readonly<Record<string, string>> = {
    '!unsafe': 'remove the tag and quote the value',
  };
  const hint = hints[tag] ?? "only '!secret NAME', '!file PATH' and '!vault' are supported";
  return { code: 'unknown-tag', message: `the tag '${tag}' is not supported`, place, hint };
}

/** What a scalar may not be: a number that loses its text, or a placeholder that nobody filled in. */
export function scalarMistake(
  value: unknown,
  source: string,
  place: Place,
): Diagnostic | undefined {
  if (typeof value === 'number' && !keepsItsText(value, source)) {
    return {
      code: 'lost-number',
      message: `YAML reads ${source} as the number ${value}`,
      place,
      hint: `quote it ('${source}') to keep the text, or write ${value}`,
    };
  }
  if (typeof value === 'string' && /^<[^<>\n]+>$/.test(value)) {
    return {
      code: 'placeholder-value',
      message: `${value} is a placeholder: write the real value in its place`,
      place,
    };
  }
  return undefined;
}
