import { statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Scope } from '../../values/values.ts';
import type { Trimming } from './chunks.ts';
import { evaluate } from './evaluate.ts';
import { type Lookups, readText } from './lookups.ts';
import type { Node } from './nodes.ts';
import { parseTemplate } from './parse_template.ts';
import { badTemplate, fileSource, Refusal, type Source } from './refusal.ts';
import { outermost, render } from './render.ts';
import { newRun } from './run.ts';
import type { Body } from './statements.ts';
import { settled, truth } from './values.ts';

/** Ansible's defaults (ansible-core 2.14, template module). */
const TRIMMING: Trimming = { trimBlocks: true, lstripBlocks: false };

/** The value of an expression that was read before; undefined: its key is to be left out. */
export function expressionValue(node: Node, scope: Scope, lookups: Lookups): unknown {
  return settled(evaluate(node, outermost(newRun(scope, lookups))));
}

/** Whether an expression that was read before holds. */
export function isTrue(node: Node, scope: Scope, lookups: Lookups): boolean {
  return truth(evaluate(node, outermost(newRun(scope, lookups))));
}

/** A text of a value, read: its one expression, or everything in it. */
export type Text = { readonly only: Node } | { readonly body: Body };

/** Reads a text with expressions in it. */
export function parseText(text: string): Text {
  const body = parseTemplate(text, TRIMMING, 'plain');
  const [first] = body;
  return body.length === 1 && first?.kind === 'output' ? { only: first.expression } : { body };
}

/** Fills in a text that was read before. */
export function textWith(body: Body, source: Source, scope: Scope, lookups: Lookups): string {
  const page = { source, trimming: TRIMMING, load: loaderFor(undefined) };
  return withNewlinesOf(source.text, render(body, outermost(newRun(scope, lookups)), page));
}

/** Ansible gives back the newlines at the end that the template had (`preserve_trailing_newlines`). */
function withNewlinesOf(template: string, text: string): string {
  const [wanted, has] = [template, text].map((each) => /\n*$/.exec(each)?.[0].length ?? 0);
  return text + '\n'.repeat(Math.max(0, (wanted ?? 0) - (has ?? 0)));
}

/** Fills in a file; `#jinja2:` in its first line sets how white space is treated. */
export function fileWith(source: Source, scope: Scope, lookups: Lookups): string {
  const { text, trimming, offset } = withoutHeader(source.text.replaceAll('\r\n', '\n'));
  const page = { source, trimming, load: loaderFor(lookups.file) };
  try {
    const body = parseTemplate(text, trimming);
    return withNewlinesOf(text, render(body, outermost(newRun(scope, lookups)), page));
  } catch (error) {
    if (!(error instanceof Refusal) || !error.span) throw error;
    const { start, end } = error.span;
    throw new Refusal(error.words, { start: start + offset, end: end + offset });
  }
}

const OPTIONS: Readonly<Record<string, keyof Trimming>> = {
  trim_blocks: 'trimBlocks',
  lstrip_blocks: 'lstripBlocks',
};

function withoutHeader(text: string): {
  readonly text: string;
  readonly trimming: Trimming;
  readonly offset: number;
} {
  const header = /^#jinja2:(.*)(?:\n|$)/.exec(text);
  if (!header) return { text, trimming: TRIMMING, offset: 0 };
  const trimming = { ...TRIMMING };
  for (const pair of (header[1] ?? '').split(',')) {
    const [, name = '', value = ''] = /^\s*(\w+)\s*:\s*(.*?)\s*$/.exec(pair) ?? [];
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!option || !/^(true|false)$/i.test(value)) {
      const message = `'#jinja2:' sets trim_blocks and lstrip_blocks alone, to True or False`;
      throw new Refusal({ code: 'bad-template', message }, { start: 0, end: header[0].length });
    }
    Object.assign(trimming, { [option]: /^true$/i.test(value) });
  }
  return { text: text.slice(header[0].length), trimming, offset: header[0].length };
}

/** Other templates are those in the folder of the first, and below it. */
function loaderFor(file: string | undefined): (name: string) => Source | undefined {
  return (name) => {
    const path = normalize(name);
    if (path.startsWith('..') || path.startsWith('/')) {
      throw badTemplate(
        `the template '${name}' is outside of the folder of the first`,
        'copy it there',
      );
    }
    if (file === undefined)
      throw badTemplate('other templates can be taken in by template files alone');
    const whole = join(dirname(file), path);
    if (!statSync(whole, { throwIfNoEntry: false })?.isFile()) return undefined;
    return fileSource(readText(whole).replaceAll('\r\n', '\n').replace(/\n$/, ''), whole);
  };
}
