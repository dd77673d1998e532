import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import type { Trimming } from './chunks.ts';
import { evaluate } from './evaluate.ts';
import type { Frame, Run } from './look_up.ts';
import type { Arguments, Node } from './nodes.ts';
import { described, MOST_TEXT } from './operators.ts';
import { BODY, parseTemplate } from './parse_template.ts';
import { textOf } from './python_text.ts';
import { badTemplate, placed, Refusal, type Source, type Span, wrongType } from './refusal.ts';
import type { Body, Statement, Target } from './statements.ts';
import {
  callable,
  demand,
  isCallable,
  isDict,
  isNamespace,
  truth,
  undefinedValue,
} from './values.ts';

/** What the statements of one text share. */
export interface Page {
  readonly source: Source;
  readonly trimming: Trimming;
  /** Another template, named as it stands in the tag. */
  load(name: string): Source | undefined;
}

/** Fills in a template that was read before. */
export function render(body: Body, frame: Frame, page: Page): string {
  let text = '';
  for (const statement of body) {
    text += perform(statement, frame, page);
    if (text.length > MOST_TEXT) throw badTemplate('the result is too long');
  }
  return text;
}

function perform(statement: Statement, frame: Frame, page: Page): string {
  frame.run.spend(1);
  switch (statement.kind) {
    case 'text':
      return statement.text;
    case 'output':
      return outputOf(statement.expression, frame);
    case 'if': {
      const branch = statement.branches.find(({ condition }) => truth(evaluate(condition, frame)));
      return render(branch?.body ?? statement.otherwise, frame, page);
    }
    case 'for':
      return looped(statement, frame, page);
    case 'set':
      assign(statement.target, evaluate(statement.value, frame), frame);
      return '';
    case 'capture': {
      const text = render(statement.body, inside(frame), page);
      const value = statement.filters ? filtered(statement.filters, text, frame) : text;
      assign(statement.target, value, frame);
      return '';
    }
    case 'macro':
      frame.names.set(statement.name, macroOf(statement, frame, page));
      return '';
    case 'with': {
      const own = inside(frame);
      for (const [name, value] of statement.names) own.names.set(name, evaluate(value, frame));
      return render(statement.body, own, page);
    }
    case 'filter':
      return textOf(
        filtered(statement.filters, render(statement.body, inside(frame), page), frame),
      );
    case 'include':
      return included(statement, frame, page);
    case 'import': {
      const { names } = importedFrame(statement.file, frame, page, statement.span);
      frame.names.set(statement.as, Object.fromEntries(names));
      return '';
    }
    case 'from': {
      const { names } = importedFrame(statement.file, frame, page, statement.span);
      for (const { name, as } of statement.names) {
        if (!names.has(name))
          throw new Refusal(
            { code: 'unknown-name', message: `that template has no '${name}'` },
            statement.span,
          );
        frame.names.set(as, names.get(name));
      }
      return '';
    }
  }
}

/** Nothing is written for none, as Ansible has it. */
function outputOf(node: Node, frame: Frame): string {
  const value = demand(evaluate(node, frame), node);
  if (value === null) return '';
  if (!isCallable(value)) return textOf(value);
  const message = `'${value.name}' is a function`;
  throw new Refusal({ code: 'wrong-type', message, hint: `call it: ${value.name}()` }, node);
}

function filtered(filters: Node, text: string, frame: Frame): unknown {
  const own = inside(frame);
  own.names.set(BODY, text);
  return evaluate(filters, own);
}

function inside(frame: Frame): Frame {
  return { run: frame.run, names: new Map(), parent: frame };
}

function assign(target: Target, value: unknown, frame: Frame): void {
  if (target.kind === 'member') {
    let at: Frame | undefined = frame;
    while (at && !at.names.has(target.of)) at = at.parent;
    const owner = at?.names.get(target.of);
    if (isNamespace(owner)) {
      owner.names.set(target.name, demand(value));
      return;
    }
    const hint = `write {% set ${target.of} = namespace(${target.name}=…) %} first`;
    throw new Refusal(
      { code: 'bad-template', message: `'${target.of}' is no namespace`, hint },
      target.span,
    );
  }
  const [first] = target.names;
  if (target.names.length === 1 && first !== undefined) {
    frame.names.set(first, value);
    return;
  }
  const parts = demand(value);
  if (!isList(parts) || parts.length !== target.names.length) {
    const message = `${described(parts)} cannot be taken apart into ${target.names.join(', ')}`;
    throw new Refusal({ code: 'wrong-type', message }, target.span);
  }
  for (const [index, name] of target.names.entries()) frame.names.set(name, parts[index]);
}

function looped(statement: Statement & { readonly kind: 'for' }, frame: Frame, page: Page): string {
  const { target, filter, body } = statement;
  const all = itemsOf(evaluate(statement.items, frame), statement.items);
  const items = filter
    ? all.filter((item) => {
        const own = inside(frame);
        assign(target, item, own);
        return truth(evaluate(filter, own));
      })
    : all;
  if (items.length === 0) return render(statement.otherwise, frame, page);
  let text = '';
  for (const [index, item] of items.entries()) {
    const own = inside(frame);
    own.names.set('loop', loopAt(items, index));
    assign(target, item, own);
    text += render(body, own, page);
    if (text.length > MOST_TEXT) throw badTemplate('the result is too long');
  }
  return text;
}

function itemsOf(value: unknown, node: Node): readonly unknown[] {
  const there = demand(value);
  if (isList(there)) return there;
  if (isDict(there)) return Object.keys(there);
  if (typeof there === 'string') return [...there];
  const message = `a loop needs a list, not ${described(there)}`;
  throw new Refusal({ code: 'wrong-type', message }, { start: node.start, end: node.end });
}

function loopAt(items: readonly unknown[], index: number): unknown {
  const { length } = items;
  const neighbour = (at: number): unknown =>
    at >= 0 && at < length
      ? items[at]
      : undefinedValue(
          () => new Refusal({ code: 'unknown-name', message: 'the loop has no such item' }),
        );
  return {
    index: index + 1,
    index0: index,
    revindex: length - index,
    revindex0: length - index - 1,
    first: index === 0,
    last: index === length - 1,
    length,
    previtem: neighbour(index - 1),
    nextitem: neighbour(index + 1),
    cycle: callable(
      'cycle',
      ({ positional }) => positional[index % Math.max(1, positional.length)] ?? null,
    ),
  };
}

function macroOf(
  { name, parameters, body }: Statement & { readonly kind: 'macro' },
  frame: Frame,
  page: Page,
): unknown {
  let depth = 0;
  return callable(name, (args: Arguments<unknown>) =>
    placed(page.source, () => {
      const given = bound(args, ...parameters.map((parameter) => parameter.name));
      const own = inside(frame);
      for (const { name: parameter, absent } of parameters) {
        const value = given.any(parameter);
        const other = absent ? evaluate(absent, own) : notGiven(name, parameter);
        own.names.set(parameter, value === undefined ? other : value);
      }
      depth += 1;
      if (depth > 50) throw badTemplate(`the macro '${name}' calls itself too often`);
      try {
        return render(body, own, page);
      } finally {
        depth -= 1;
      }
    }),
  );
}

function notGiven(macro: string, parameter: string): unknown {
  const message = `the macro '${macro}' was called without '${parameter}'`;
  return undefinedValue(() => new Refusal({ code: 'unknown-name', message }));
}

const MOST_DEPTH = 20;

function loaded(file: Node, frame: Frame, page: Page, span: Span): Source | undefined {
  const wanted = demand(evaluate(file, frame));
  for (const name of isList(wanted) ? wanted : [wanted]) {
    if (typeof name !== 'string') {
      throw wrongType(`a template has a name, not ${described(name)}`);
    }
    try {
      const source = page.load(name);
      if (source) return source;
    } catch (error) {
      if (error instanceof Refusal) error.span ??= span;
      throw error;
    }
  }
  return undefined;
}

/** Marks the outermost frame of an included template. */
const PAGE = 'the page';

function included(
  statement: Statement & { readonly kind: 'include' },
  frame: Frame,
  page: Page,
): string {
  const { file, mayBeMissing, span } = statement;
  const source = loaded(file, frame, page, span);
  if (source) return renderedPage(source, inside(frame), page, span);
  if (mayBeMissing) return '';
  throw notThere(span);
}

function importedFrame(file: Node, frame: Frame, page: Page, span: Span): Frame {
  const source = loaded(file, frame, page, span);
  if (!source) throw notThere(span);
  const own = inside(frame);
  renderedPage(source, own, page, span);
  own.names.delete(PAGE);
  return own;
}

function renderedPage(source: Source, frame: Frame, page: Page, span: Span): string {
  let depth = 0;
  for (let at = frame.parent; at; at = at.parent) depth += at.names.has(PAGE) ? 1 : 0;
  if (depth > MOST_DEPTH)
    throw new Refusal({ code: 'bad-template', message: 'templates include each other' }, span);
  frame.names.set(PAGE, true);
  return placed(source, () =>
    render(parseTemplate(source.text, page.trimming), frame, { ...page, source }),
  );
}

function notThere(span: Span): Refusal {
  const hint = 'templates are taken from the folder of the one that names them';
  return new Refusal({ code: 'no-file', message: 'there is no such template', hint }, span);
}

/** The outermost frame of a rendering. */
export function outermost(run: Run): Frame {
  return { run, names: new Map(), parent: undefined };
}
