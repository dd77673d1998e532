import { pythonExpansion, pythonPattern } from '../../engine/sdk.ts';

/** What a task says of what is replaced. */
export interface Replacement {
  readonly regexp: string;
  readonly replace: string;
  readonly after?: string;
  readonly before?: string;
}

/** The text with all that matches replaced, between `after` and `before`; without these, nothing is. */
export function withReplacements(text: string, edit: Replacement): string {
  const section = sectionOf(text, edit);
  if (!section) return text;
  const [start, end] = section;
  const pattern = pythonPattern(edit.regexp, { multiline: true, flags: 'g' });
  const part = text.slice(start, end);
  const replaced = part.replace(pattern, (...found) => {
    const groups = typeof found.at(-1) === 'object' ? found.at(-1) : undefined;
    const texts = found.slice(0, groups ? -3 : -2);
    return pythonExpansion(edit.replace, Object.assign(texts, { groups }));
  });
  return text.slice(0, start) + replaced + text.slice(end);
}

function sectionOf(
  text: string,
  { after, before }: Replacement,
): readonly [start: number, end: number] | undefined {
  if (after === undefined && before === undefined) return [0, text.length];
  const inside = before === undefined || after === undefined ? '.*' : '.*?';
  const source = `${after ?? ''}(?P<subsection>${inside})${before ?? ''}`;
  const match = pythonPattern(source, { dotAll: true, flags: 'd' }).exec(text);
  return match?.indices?.groups?.subsection;
}
