import type { Node } from './nodes.ts';
import { Refusal } from './refusal.ts';
import type { Token } from './tokens.ts';

/** To Jinja `some-dash` is a subtraction; who writes it means a name. */
export function refuseDashedName(text: string, left: Node, sign: Token, next: Token): void {
  const isTight = left.end === sign.start && sign.end === next.start && next.kind === 'name';
  if (sign.text !== '-' || !isTight || (left.kind !== 'name' && left.kind !== 'attribute')) return;
  const owner = left.kind === 'attribute' ? text.slice(left.of.start, left.of.end) : 'vars';
  const span = { start: left.start, end: next.end };
  const shown = text.slice(span.start, span.end);
  const message = `'${shown}' is a subtraction here, not a name with a dash`;
  const hint = `write ${owner}['${left.name}-${next.text}'], or put spaces around the minus`;
  throw new Refusal({ code: 'bad-template', message, hint }, span);
}
