import { splitLines } from '../../engine/sdk.ts';

/** What a task says of an option; without one, of the section itself. */
export interface IniEdit {
  readonly section?: string | undefined;
  readonly option?: string | undefined;
  readonly values: readonly string[];
  readonly exclusive: boolean;
  readonly no_extra_spaces: boolean;
  readonly allow_no_value: boolean;
  readonly modify_inactive_option: boolean;
}

/** The text with one line for each value of the option. */
export function withOption(text: string, edit: IniEdit): string {
  const lines = endedLines(text);
  const place = findSection(lines, edit.section);
  if (!place) return [...lines, `[${edit.section}]\n`, ...newLines(edit, edit.values)].join('');
  const [start, end] = place;
  const section = lines.slice(start, end);
  return [...lines.slice(0, start), ...sectionWith(section, edit), ...lines.slice(end)].join('');
}

/** The text without the option's lines; if not exclusive, without those of the values; or without the section. */
export function withoutOption(text: string, edit: IniEdit): string {
  const lines = endedLines(text);
  const place = findSection(lines, edit.section);
  if (!place) return text;
  const [start, end] = place;
  const kept = lines.slice(start, end).filter((line) => {
    const found = optionIn(line, edit);
    return found?.isActive !== true || !(edit.exclusive || edit.values.includes(found.value));
  });
  const section = edit.option === undefined ? [] : kept;
  const next = [...lines.slice(0, start), ...section, ...lines.slice(end)];
  return next.length === lines.length ? text : next.join('');
}

/** Lines that have a value already keep their place; then other lines of the option are used, and the rest is added. */
function sectionWith(lines: readonly string[], edit: IniEdit): readonly string[] {
  const { option, exclusive, allow_no_value: mayBeBare } = edit;
  if (option === undefined) return lines;
  if (edit.values.length === 0 && !mayBeBare) return lines;
  const isAlone = exclusive && !mayBeBare;
  const left = [...edit.values];
  const settled = new Set<number>();
  const next = lines.map((line, i) => {
    const found = candidate(line, edit);
    const index = found ? left.indexOf(found.value) : -1;
    if (!found || index < 0) return line;
    settled.add(i);
    left.splice(index, 1);
    return lineOf(edit, found.value);
  });
  if (edit.values.length === 0) return withBareOption(next, edit);
  const used = next.map((line, i) => {
    if (!isAlone || settled.has(i) || left.length === 0 || !candidate(line, edit)) return line;
    settled.add(i);
    return lineOf(edit, left.shift() ?? '');
  });
  const kept = used.filter((line, i) => !isAlone || settled.has(i) || !candidate(line, edit));
  return inserted(kept, newLines(edit, left));
}

function withBareOption(lines: readonly string[], edit: IniEdit): readonly string[] {
  const first = lines.findIndex((line) => candidate(line, edit));
  if (first < 0) return inserted(lines, [`${edit.option}\n`]);
  return lines.with(first, `${edit.option}\n`);
}

/** After the last line of a section that is neither blank nor a comment. */
function inserted(lines: readonly string[], added: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => !/^[ \t]*([#;].*)?$/.test(line.replace(/\n$/, '')));
  return [...lines.slice(0, last + 1), ...added, ...lines.slice(last + 1)];
}

function newLines(edit: IniEdit, values: readonly string[]): readonly string[] {
  if (edit.option === undefined) return [];
  if (edit.values.length === 0) return edit.allow_no_value ? [`${edit.option}\n`] : [];
  return values.map((value) => lineOf(edit, value));
}

function lineOf({ option, no_extra_spaces: isTight }: IniEdit, value: string): string {
  return `${option}${isTight ? '=' : ' = '}${value}\n`;
}

interface FoundOption {
  readonly isActive: boolean;
  readonly value: string;
}

function candidate(line: string, edit: IniEdit): FoundOption | undefined {
  const found = optionIn(line, edit);
  return found?.isActive || edit.modify_inactive_option ? found : undefined;
}

function optionIn(line: string, { option = '' }: IniEdit): FoundOption | undefined {
  const [, comment = '', rest] = /^[ \t]*([#;]?)[ \t]*(.*)\n?$/.exec(line) ?? [];
  if (rest === undefined || option === '' || !rest.startsWith(option)) return undefined;
  const [, sign, value = ''] = /^[ \t]*(=|$)[ \t]*(.*)$/.exec(rest.slice(option.length)) ?? [];
  return sign === undefined ? undefined : { isActive: comment === '', value };
}

/** Where a section starts and ends, its head included; what has no section stands before the first head. */
function findSection(
  lines: readonly string[],
  section: string | undefined,
): readonly [start: number, end: number] | undefined {
  const start =
    section === undefined ? 0 : lines.findIndex((line) => line.startsWith(`[${section}]`));
  if (start < 0) return undefined;
  const from = section === undefined ? 0 : start + 1;
  const next = lines.slice(from).findIndex((line) => line.startsWith('['));
  return [start, next < 0 ? lines.length : from + next];
}

function endedLines(text: string): readonly string[] {
  return splitLines(text === '' || text.endsWith('\n') ? text : `${text}\n`);
}
