import Handlebars from 'handlebars';
import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { type Place, placeWithin } from '../../values/places.ts';
import { describe, field, type Scope } from '../../values/values.ts';
import type { Lookups } from '../jinja/lookups.ts';
import { renderValue } from './jinja_text.ts';
import { languageOf } from './language.ts';
import { lookUp, type Rendered, unknownName } from './look_up.ts';

/** A part of a template, as offsets into its text. */
interface Part {
  readonly offset: number;
  readonly length: number;
}

interface Template {
  /** Set when the whole text is one `{{ … }}`. */
  readonly only: hbs.AST.MustacheStatement | undefined;
  /** The `{{ … }}` outside blocks, whose names are looked up in the scope itself. */
  readonly outer: readonly hbs.AST.MustacheStatement[];
  readonly run: (scope: Scope) => string;
}

const handlebars = Handlebars.create();
handlebars.unregisterHelper('log');
handlebars.registerHelper('default', (...values: readonly unknown[]) =>
  fallback(values.slice(0, -1)),
);

const templates = new Map<string, Template | Failure>();

interface Tagged {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Failure extends Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  readonly part?: Part | undefined;
}

/**
 * Fills in a text; throws InvalidInput with the place of the very name that is wrong.
 *
 * A plain `{{ path }}` and Handlebars' own tags are read by Handlebars, everything else by Jinja.
 * Two helpers stand beside Handlebars' own: `{{ default site.proxy "none" }}` is the first of its
 * arguments that is set, and `{{ optional site.proxy }}` as a whole value leaves its key out when
 * the name is not set.
 */
export function renderText(
  text: string,
  scope: Scope,
  place: Place | undefined,
  lookups: Omit<Lookups, 'file'> = {},
): Rendered {
  const refuse = (failure: Failure): InvalidInput =>
    new InvalidInput([
      {
        code: failure.code,
        message: failure.message,
        hint: failure.hint,
        place: place && failure.part ? placeWithin(place, text, failure.part) : place,
      },
    ]);
  const { handlebars: ours, jinja } = languageOf(text);
  if (ours && jinja) throw refuse(mixture(ours, jinja));
  if (jinja) return renderValue(text, scope, place, lookups);
  const template = templateOf(text);
  if ('code' in template) throw refuse(template);
  if (template.only) {
    const result = evaluate(template.only, scope, text);
    if ('code' in result) throw refuse(result);
    if ('value' in result) return result;
  }
  for (const mustache of template.outer) {
    const failure = failureInText(mustache, scope, text);
    if (failure) throw refuse(failure);
  }
  try {
    return { value: template.run(scope) };
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw refuse(runtimeFailure(error, text));
  }
}

/** Neither language can read what is the other's. */
function mixture(handlebars: Tagged, jinja: Tagged): Failure {
  const second = handlebars.start < jinja.start ? jinja : handlebars;
  const shown = ({ text }: Tagged): string => (text.length > 40 ? `${text.slice(0, 37)}...` : text);
  return {
    code: 'bad-template',
    message: `this value mixes languages: ${shown(handlebars)} is Handlebars, ${shown(jinja)} is Jinja`,
    hint: 'write all of it in one of the two',
    part: { offset: second.start, length: second.end - second.start },
  };
}

function templateOf(text: string): Template | Failure {
  const known = templates.get(text);
  if (known) return known;
  const template = readTemplate(text);
  templates.set(text, template);
  return template;
}

function readTemplate(text: string): Template | Failure {
  let program: hbs.AST.Program;
  try {
    program = handlebars.parse(text);
  } catch (error) {
    return syntaxFailure(text, error);
  }
  const outer = program.body.filter(isMustache);
  const partial = program.body.find(({ type }) => /Partial|Decorator/.test(type));
  if (partial) {
    const message = 'partials are not available in values';
    return { code: 'bad-template', message, part: partOf(partial.loc, text) };
  }
  const compiled = handlebars.compile(program, { strict: true, noEscape: true });
  return {
    outer,
    only: program.body.length === 1 ? outer[0] : undefined,
    run: (scope) =>
      compiled(scope, {
        allowProtoMethodsByDefault: false,
        allowProtoPropertiesByDefault: false,
      }),
  };
}

/** Evaluates a template that is one `{{ … }}`; nothing when it takes Handlebars itself. */
function evaluate(
  { path, params, hash }: hbs.AST.MustacheStatement,
  scope: Scope,
  text: string,
): Rendered | Failure | Record<never, never> {
  if (!isPath(path)) return { value: literalValue(path) };
  if (path.depth > 0 || path.data || hash?.pairs.length) return {};
  if (params.length === 0) {
    const found = lookUp(path.parts, scope);
    if (!('unknown' in found)) return found;
    if (isHelper(path.original)) return {};
    return { ...unknownName(path.parts, found), part: partOf(path.loc, text) };
  }
  if (path.original === 'optional' && params.length === 1) return parameter(params[0], scope);
  if (path.original !== 'default') return {};
  for (const param of params) {
    const found = parameter(param, scope);
    if (found.value !== undefined && found.value !== null) return found;
  }
  return { value: null };
}

/** A helper's parameter: here a name that is not set is not a mistake. */
function parameter(param: hbs.AST.Expression | undefined, scope: Scope): Rendered {
  if (!param) return { value: undefined };
  if (!isPath(param)) return { value: literalValue(param) };
  const found = lookUp(param.parts, scope);
  return 'unknown' in found ? { value: undefined } : found;
}

function failureInText(
  { path, params }: hbs.AST.MustacheStatement,
  scope: Scope,
  text: string,
): Failure | undefined {
  if (!isPath(path) || path.depth > 0 || path.data) return undefined;
  const part = partOf(path.loc, text);
  if (path.original === 'optional') {
    const message = "'optional' omits a whole value: it cannot be used inside a text";
    return { code: 'bad-template', message, hint: 'use {{#if name}} … {{/if}}', part };
  }
  const found = lookUp(path.parts, scope);
  if (params.length > 0 || isHelper(path.original)) {
    if (isHelper(path.original)) return undefined;
    const message = `unknown helper '${path.original}'`;
    const near = nearest(path.original, helperNames());
    return { code: 'bad-template', message, hint: suggest(near, helperNames()), part };
  }
  if ('unknown' in found) return { ...unknownName(path.parts, found), part };
  if (typeof found.value !== 'object' || found.value === null) return undefined;
  return {
    code: 'wrong-type',
    message: `'${path.original}' is ${describe(found.value)} and cannot be used inside a text`,
    hint: 'name one of its parts, or use it as the whole value',
    part,
  };
}

function syntaxFailure(text: string, error: unknown): Failure {
  const said = error instanceof Error ? error.message : String(error);
  const line = Number(/line (\d+)/.exec(said)?.[1] ?? 1);
  const lineStart =
    text
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length + (line > 1 ? 1 : 0);
  const offset = Math.max(lineStart, text.indexOf('{{', lineStart));
  const end = text.indexOf('}}', offset);
  const inner = text.slice(offset, end < 0 ? undefined : end + 2);
  const mismatch = /^(\w+) doesn't match (\w+)/.exec(said);
  return {
    code: 'bad-template',
    message: mismatch
      ? `the block '${mismatch[1]}' is closed by '${mismatch[2]}'`
      : end < 0
        ? "'{{' is never closed by '}}'"
        : `the template ${inner.length > 60 ? 'here' : inner} cannot be parsed`,
    part: { offset, length: inner.length },
  };
}

function runtimeFailure(error: unknown, text: string): Failure {
  const said = error instanceof Error ? error.message : String(error);
  const name = (/^"(.*)" not defined in/.exec(said) ??
    /^Cannot use 'in' .* '(.*)' in/.exec(said))?.[1];
  const line = field(error, 'lineNumber');
  const column = field(error, 'column');
  const part =
    typeof line === 'number' && typeof column === 'number'
      ? { offset: offsetOf(text, line, column), length: name?.length ?? 1 }
      : { offset: Math.max(0, text.indexOf(name ?? '{{')), length: name?.length ?? 2 };
  if (name !== undefined) {
    return { code: 'unknown-name', message: `'${name}' is not defined here`, part };
  }
  const helper = /Missing helper: "(.*)"/.exec(said)?.[1];
  if (helper !== undefined) {
    const hint = suggest(nearest(helper, helperNames()), helperNames());
    return { code: 'bad-template', message: `unknown helper '${helper}'`, hint, part };
  }
  const hint = 'a name before a dot must be defined';
  return { code: 'bad-template', message: 'this template cannot be rendered', hint };
}

function partOf(loc: hbs.AST.SourceLocation, text: string): Part {
  const offset = offsetOf(text, loc.start.line, loc.start.column);
  return { offset, length: offsetOf(text, loc.end.line, loc.end.column) - offset };
}

function offsetOf(text: string, line: number, column: number): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, { length }) => sum + length + 1, 0) + column;
}

function fallback(values: readonly unknown[]): unknown {
  return values.find((value) => value !== undefined && value !== null) ?? null;
}

function helperNames(): readonly string[] {
  return ['default', 'optional', 'if', 'unless', 'each', 'with', 'lookup'];
}

function isHelper(name: string): boolean {
  return helperNames().includes(name);
}

function literalValue(node: hbs.AST.Expression): unknown {
  if (node.type === 'NullLiteral') return null;
  return field(node, 'value');
}

function isMustache(node: hbs.AST.Statement): node is hbs.AST.MustacheStatement {
  return node.type === 'MustacheStatement';
}

function isPath(node: hbs.AST.Expression): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression';
}
