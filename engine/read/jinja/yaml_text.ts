import { isList } from '../../values/values.ts';
import { floatText } from './python_text.ts';
import { badTemplate } from './refusal.ts';
import { demand, isDict, isFloat, numberOf } from './values.ts';

/** How YAML is written. */
export interface YamlStyle {
  readonly indent: number;
  readonly sorts: boolean;
  /** Lists and maps of scalars alone: on one line or below each other. */
  readonly leaves: 'flow' | 'block';
}

/** A value as YAML in the style of PyYAML's `dump`; long texts are not folded. */
export function yamlText(value: unknown, style: YamlStyle): string {
  const there = demand(value);
  if (isBlock(there, style)) return `${block(there, style, 0, 0)}\n`;
  if (isList(there) || isDict(there)) return `${flow(there, style, 0)}\n`;
  const text = scalar(there, 'block');
  return /^['"]/.test(text) ? `${text}\n` : `${text}\n...\n`;
}

/** Empty ones are always on one line. */
function isBlock(value: unknown, { leaves }: YamlStyle): boolean {
  const parts = partsOf(value);
  if (!parts || parts.length === 0) return false;
  return leaves === 'block' || parts.some((part) => partsOf(part) !== undefined);
}

function partsOf(value: unknown): readonly unknown[] | undefined {
  if (isList(value)) return value;
  return isDict(value) ? Object.keys(value).map((key) => value[key]) : undefined;
}

/** Lines below each other; the first without its indentation, as it may stand behind a dash. */
function block(value: unknown, style: YamlStyle, column: number, depth: number): string {
  if (depth > 100) throw badTemplate('this value contains itself or is nested too deeply');
  const margin = `\n${' '.repeat(column)}`;
  if (isList(value)) {
    return value
      .map((item) => {
        const there = demand(item);
        const dash = `-${' '.repeat(Math.max(1, style.indent - 1))}`;
        if (!isBlock(there, style)) return `- ${inline(there, style, depth, column)}`;
        return dash + block(there, style, column + dash.length, depth + 1);
      })
      .join(margin);
  }
  if (!isDict(value)) return inline(value, style, depth, column);
  return keysOf(value, style)
    .map((key) => {
      const there = demand(value[key]);
      if (!isBlock(there, style))
        return `${scalar(key, 'block')}: ${inline(there, style, depth, column)}`;
      const inner = isList(there) ? column : column + style.indent;
      return `${scalar(key, 'block')}:\n${' '.repeat(inner)}${block(there, style, inner, depth + 1)}`;
    })
    .join(margin);
}

function keysOf(map: Readonly<Record<string, unknown>>, { sorts }: YamlStyle): readonly string[] {
  return sorts ? Object.keys(map).sort() : Object.keys(map);
}

function inline(value: unknown, style: YamlStyle, depth: number, column: number): string {
  if (isList(value) || isDict(value)) return flow(value, style, depth);
  return scalar(value, 'block', column + style.indent);
}

function flow(value: unknown, style: YamlStyle, depth: number): string {
  if (depth > 100) throw badTemplate('this value contains itself or is nested too deeply');
  if (isList(value))
    return `[${value.map((item) => flow(demand(item), style, depth + 1)).join(', ')}]`;
  if (!isDict(value)) return scalar(value, 'flow');
  const entries = keysOf(value, style).map(
    (key) => `${scalar(key, 'flow')}: ${flow(demand(value[key]), style, depth + 1)}`,
  );
  return `{${entries.join(', ')}}`;
}

function scalar(value: unknown, inside: 'block' | 'flow', column = 2): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  const number = numberOf(value);
  if (number !== undefined) return isFloat(value) ? floatText(number) : String(number);
  if (typeof value !== 'string') throw badTemplate('this value cannot be written as YAML');
  if (/[^\P{Cc}\n]/u.test(value)) return JSON.stringify(value);
  if (value.includes('\n')) {
    if (inside === 'flow' || /[ ]\n|\n[ ]/.test(value)) return JSON.stringify(value);
    const margin = ' '.repeat(column);
    return `'${value
      .replaceAll("'", "''")
      .replace(/\n(?=[^\n])/g, `\n\n${margin}`)
      .replace(/\n$/, `\n\n${margin}`)}'`;
  }
  return isPlain(value, inside) ? value : `'${value.replaceAll("'", "''")}'`;
}

/** Texts that YAML 1.1 would read as something else; PyYAML quotes these. */
const OTHER_TYPE =
  /^(?:~|null|Null|NULL|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|<<|=|[-+]?(?:0|[1-9][\d_]*|0b[01_]+|0[0-7_]+|0x[\da-fA-F_]+)|[-+]?[1-9][\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|[-+]?(?:\d[\d_]*)\.[\d_]*(?:[eE][-+]\d+)?|\.[\d_]+(?:[eE][-+]\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|\d{4}-\d\d?-\d\d?.*)$/;

function isPlain(text: string, inside: 'block' | 'flow'): boolean {
  if (text === '' || OTHER_TYPE.test(text) || /^\s|\s$/.test(text)) return false;
  if (/^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|^(?:---|\.\.\.)/.test(text)) return false;
  if (/:(?:\s|$)|\s#/.test(text)) return false;
  return inside === 'block' || !/[,[\]{}?:]/.test(text);
}
