import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { type Chunk, chunksOf, type Trimming } from './chunks.ts';
import type { Node } from './nodes.ts';
import { parseExpression, readerOf } from './parse_expression.ts';
import type { Reader } from './reader.ts';
import { Refusal, type Span } from './refusal.ts';
import type { Body, Parameter, Statement, Target } from './statements.ts';
import type { Backslashes } from './tokens.ts';

/** Tags of Jinja that templates do without here. */
const REFUSED: Readonly<Record<string, string>> = {
  extends: 'include or import the other template',
  block: 'include or import the other template',
  call: 'call the macro in {{ … }}',
  do: 'write {% set _ = … %}',
  trans: 'write the text itself',
  autoescape: 'nothing is escaped unless a filter does it',
  break: 'write {% for … if … %}',
  continue: 'write {% for … if … %}',
};

const TAGS = [
  'if',
  'elif',
  'else',
  'endif',
  'for',
  'endfor',
  'set',
  'endset',
  'macro',
  'endmacro',
  'with',
  'endwith',
  'filter',
  'endfilter',
  'include',
  'import',
  'from',
  'raw',
];

/** Reads a template; throws Refusal with the part that cannot be read. */
export function parseTemplate(text: string, trimming: Trimming, backslashes?: Backslashes): Body {
  const chunks = chunksOf(text, trimming);
  let position = 0;

  /** Statements up to one of these tags, which stays where it is. */
  function body(...until: readonly string[]): {
    readonly statements: Body;
    readonly end: Tag | undefined;
  } {
    const statements: Statement[] = [];
    for (; position < chunks.length; position += 1) {
      const chunk = chunks[position];
      if (!chunk) break;
      if (chunk.kind === 'text') statements.push({ kind: 'text', text: chunk.text });
      else if (chunk.kind === 'output') {
        statements.push({
          kind: 'output',
          expression: parseExpression(text, chunk.from, chunk.to, backslashes),
        });
      } else {
        const tag = tagOf(text, chunk);
        position += 1;
        if (until.includes(tag.word)) return { statements, end: tag };
        statements.push(statementOf(tag));
        position -= 1;
      }
    }
    return { statements, end: undefined };
  }
  function inner(
    tag: Tag,
    ...until: readonly string[]
  ): { readonly statements: Body; readonly end: Tag } {
    const { statements, end } = body(...until);
    if (end) return { statements, end };
    throw refuse(`'{% ${tag.word} %}' is never closed by '{% ${until.at(-1)} %}'`, tag.span);
  }

  function statementOf(tag: Tag): Statement {
    switch (tag.word) {
      case 'if':
        return conditional(tag);
      case 'for':
        return loop(tag);
      case 'set':
        return assignment(tag);
      case 'macro':
        return macro(tag);
      case 'with':
        return scoped(tag);
      case 'filter': {
        const filters = filterChain(tag);
        const { statements } = inner(tag, 'endfilter');
        return { kind: 'filter', filters, body: statements };
      }
      case 'include':
        return inclusion(tag);
      case 'import':
      case 'from':
        return imported(tag);
    }
    throw unknownTag(tag);
  }

  function conditional(tag: Tag): Statement {
    const branches: { condition: Node; body: Body }[] = [];
    let at = tag;
    for (;;) {
      const condition = at.reader.expressions();
      finish(at);
      const { statements, end } = inner(tag, 'elif', 'else', 'endif');
      branches.push({ condition, body: statements });
      if (end.word === 'elif') {
        at = end;
        continue;
      }
      finish(end);
      if (end.word === 'endif') return { kind: 'if', branches, otherwise: [] };
      return { kind: 'if', branches, otherwise: inner(tag, 'endif').statements };
    }
  }

  function loop(tag: Tag): Statement {
    const { reader, span } = tag;
    const target = names(reader);
    reader.expect('in');
    const items = loopItems(reader);
    const filter = reader.takes('if') ? reader.expressions() : undefined;
    if (reader.peek().text === 'recursive') throw refuse('recursive loops are not supported', span);
    finish(tag);
    const { statements, end } = inner(tag, 'else', 'endfor');
    const otherwise = end.word === 'else' ? inner(tag, 'endfor').statements : [];
    return { kind: 'for', target, items, filter, body: statements, otherwise, span };
  }

  function assignment(tag: Tag): Statement {
    const { reader } = tag;
    const target = setTarget(reader);
    if (reader.takes('=')) {
      const value = reader.expressions();
      finish(tag);
      return { kind: 'set', target, value };
    }
    const filters = reader.peek().text === '|' ? filterChain(tag) : undefined;
    finish(tag);
    return { kind: 'capture', target, filters, body: inner(tag, 'endset').statements };
  }

  function macro(tag: Tag): Statement {
    const { reader } = tag;
    const { text: name } = reader.name();
    reader.expect('(');
    const parameters: Parameter[] = [];
    while (!reader.takes(')')) {
      const { text: parameter } = reader.name();
      parameters.push({
        name: parameter,
        absent: reader.takes('=') ? reader.expression() : undefined,
      });
      if (reader.takes(',')) continue;
      reader.expect(')');
      break;
    }
    finish(tag);
    return { kind: 'macro', name, parameters, body: inner(tag, 'endmacro').statements };
  }

  function scoped(tag: Tag): Statement {
    const { reader } = tag;
    const given: (readonly [string, Node])[] = [];
    while (reader.peek().kind !== 'end') {
      const { text: name } = reader.name();
      reader.expect('=');
      given.push([name, reader.expression()]);
      if (!reader.takes(',')) break;
    }
    finish(tag);
    return { kind: 'with', names: given, body: inner(tag, 'endwith').statements };
  }

  const { statements } = body();
  return statements;
}

/** The head of a block. */
interface Tag {
  readonly word: string;
  readonly reader: Reader;
  readonly span: Span;
}

function tagOf(text: string, chunk: Chunk & { readonly kind: 'output' | 'tag' }): Tag {
  const reader = readerOf(text, chunk.from, chunk.to);
  const first = reader.take();
  const span = { start: chunk.start, end: chunk.end };
  if (first.kind !== 'name') throw refuse('a tag begins with a word: {% if … %}', span);
  return { word: first.text, reader, span };
}

function finish({ reader, span }: Tag): void {
  const rest = reader.peek();
  if (rest.kind !== 'end') throw reader.unexpected(rest, 'the end of the tag');
  void span;
}

function names(reader: Reader): Target {
  const first = reader.name();
  const found = [first.text];
  let end = first.end;
  while (reader.takes(',')) {
    const next = reader.name();
    found.push(next.text);
    end = next.end;
  }
  return { kind: 'names', names: found, span: { start: first.start, end } };
}

function setTarget(reader: Reader): Target {
  const target = names(reader);
  if (target.kind !== 'names' || target.names.length !== 1 || !reader.takes('.')) return target;
  const [of = ''] = target.names;
  const { text: name, end } = reader.name();
  return { kind: 'member', of, name, span: { start: target.span.start, end } };
}

/** The items of a loop end before its `if`. */
function loopItems(reader: Reader): Node {
  const first = reader.unconditional();
  if (reader.peek().text !== ',') return first;
  const items = [first];
  while (reader.takes(',')) items.push(reader.unconditional());
  return { kind: 'tuple', items, start: first.start, end: items.at(-1)?.end ?? first.end };
}

/** `upper | replace('a', 'b')` with the name BODY before it. */
function filterChain({ reader, span }: Tag): Node {
  reader.takes('|');
  return reader.filtersAfter({ kind: 'name', name: BODY, start: span.start, end: span.end });
}

/** The name of a block's text while its filters run; no template can write it. */
export const BODY = 'the body';

function inclusion(tag: Tag): Statement {
  const { reader, span } = tag;
  const file = reader.expression();
  const mayBeMissing = reader.takes('ignore');
  if (mayBeMissing) reader.expect('missing');
  context(tag);
  finish(tag);
  return { kind: 'include', file, mayBeMissing, span };
}

function imported(tag: Tag): Statement {
  const { reader, span, word } = tag;
  const file = reader.expression();
  if (word === 'import') {
    reader.expect('as');
    const { text: as } = reader.name();
    context(tag);
    finish(tag);
    return { kind: 'import', file, as, span };
  }
  reader.expect('import');
  const wanted: { name: string; as: string }[] = [];
  do {
    const { text: name } = reader.name();
    wanted.push({ name, as: reader.takes('as') ? reader.name().text : name });
  } while (reader.takes(','));
  context(tag);
  finish(tag);
  return { kind: 'from', file, names: wanted, span };
}

function context({ reader }: Tag): void {
  if (reader.takes('with') || reader.takes('without')) reader.expect('context');
}

function unknownTag({ word, span }: Tag): Refusal {
  const instead = Object.hasOwn(REFUSED, word) ? REFUSED[word] : undefined;
  if (instead) return refuse(`'{% ${word} %}' is not supported`, span, instead);
  const isEnd = TAGS.includes(word);
  if (isEnd) return refuse(`'{% ${word} %}' closes or continues nothing here`, span);
  return refuse(`there is no tag '${word}'`, span, suggest(nearest(word, TAGS), TAGS));
}

function refuse(message: string, span: Span, hint?: string): Refusal {
  return new Refusal({ code: 'bad-template', message, hint }, span);
}
