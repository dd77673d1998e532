import type { Diagnostic } from '../../contract/errors.ts';
import { type Place, placeOf, typedText } from '../../values/places.ts';
import { isList, isMap } from '../../values/values.ts';

/** What an unquoted text is to YAML 1.1, which Ansible reads: `yes`, `1_000`, `12:30:45`. */
export type Meant = boolean | number;

const YES = /^(yes|Yes|YES|on|On|ON)$/;
const NO = /^(no|No|NO|off|Off|OFF)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const WITH_UNDERSCORES = /^[-+]?(0x[0-9a-fA-F_]+|[0-9][0-9_]*(\.[0-9_]*)?)$/;
const BINARY = /^[-+]?0b[01_]+$/;

/**
 * What a text that stands without quotes means to Ansible; undefined where it is text there too.
 *
 * The rules are those of PyYAML 6.0 (resolver.py). `y` and `n` are texts to it.
 */
export function meantBy(value: unknown, place: Place | undefined): Meant | undefined {
  if (typeof value !== 'string' || !/^[-+\dyYnNoO]/.test(value)) return undefined;
  const meant = meaningOf(value);
  return meant !== undefined && place && typedText(place) === value ? meant : undefined;
}

function meaningOf(text: string): Meant | undefined {
  if (YES.test(text)) return true;
  if (NO.test(text)) return false;
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const sign = text.startsWith('-') ? -1 : 1;
  if (BINARY.test(text)) return sign * Number(digits);
  if (BASE_60.test(text) && !/^0\d*:[^.]*$/.test(digits)) {
    return sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  }
  return text.includes('_') && WITH_UNDERSCORES.test(text) ? sign * Number(digits) : undefined;
}

/** The mistakes in a value that may be anything: it could be read either way, so it must be said which. */
export function ambiguousTexts(value: unknown, place: Place | undefined): readonly Diagnostic[] {
  if (isList(value)) return value.flatMap((item, i) => ambiguousTexts(item, placeOf(value, i)));
  if (isMap(value)) {
    return Object.entries(value).flatMap(([key, part]) =>
      ambiguousTexts(part, placeOf(value, key)),
    );
  }
  const meant = meantBy(value, place);
  return meant === undefined ? [] : [ambiguous(String(value), meant, place)];
}

/** The mistake of a text without quotes that Ansible does not read as text. */
export function ambiguous(text: string, meant: Meant, place: Place | undefined): Diagnostic {
  const kind = typeof meant === 'number' ? `the number ${meant}` : String(meant);
  return {
    code: 'ambiguous-text',
    message: `${text} without quotes is ${kind} to Ansible, and a text to YAML 1.2`,
    place,
    hint: `write ${meant}, or '${text}' for the text`,
  };
}
