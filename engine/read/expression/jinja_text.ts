import type { Place } from '../../values/places.ts';
import type { Scope } from '../../values/values.ts';
import { expressionValue, fileWith, parseText, type Text, textWith } from '../jinja/jinja.ts';
import type { Lookups } from '../jinja/lookups.ts';
import { fileSource, placed, valueSource } from '../jinja/refusal.ts';
import type { Rendered } from './look_up.ts';

const texts = new Map<string, Text>();

/** Fills in a value in Jinja; one that is exactly one `{{ … }}` keeps the type of its expression. */
export function renderValue(
  text: string,
  scope: Scope,
  place: Place | undefined,
  lookups: Omit<Lookups, 'file'>,
): Rendered {
  const source = valueSource(text, place);
  const given = { ...lookups, file: place?.file };
  return placed(source, () => {
    const parsed = texts.get(text) ?? parseText(text);
    texts.set(text, parsed);
    if ('only' in parsed) return { value: expressionValue(parsed.only, scope, given) };
    return { value: textWith(parsed.body, source, scope, given) };
  });
}

/**
 * Fills in the text of a `.j2` file as Ansible's module template does: the newline after a block
 * goes, the last one of the file stays. Templates that it includes are taken from its folder.
 *
 * Throws InvalidInput with the line of the template; what a getter of the scope throws passes unchanged.
 */
export function renderJinja(
  text: string,
  scope: Scope,
  lookups: Lookups & { readonly file: string },
): string {
  const whole = text.replaceAll('\r\n', '\n');
  const source = fileSource(whole, lookups.file);
  return placed(source, () => fileWith(source, scope, lookups));
}
