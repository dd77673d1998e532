import type { Span } from './refusal.ts';

/** The arguments of a call, filter or test. */
export interface Arguments<T> {
  readonly positional: readonly T[];
  readonly named: ReadonlyMap<string, T>;
}

/** No arguments at all. */
export const NO_ARGUMENTS: Arguments<never> = { positional: [], named: new Map<string, never>() };

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';
export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** A part of an expression, with its offsets in the text. */
export type Node = Span &
  (
    | { readonly kind: 'value'; readonly value: unknown }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'list' | 'tuple' | 'concat'; readonly items: readonly Node[] }
    | { readonly kind: 'map'; readonly entries: readonly (readonly [Node, Node])[] }
    | { readonly kind: 'attribute'; readonly of: Node; readonly name: string }
    | { readonly kind: 'item'; readonly of: Node; readonly key: Node }
    | {
        readonly kind: 'slice';
        readonly of: Node;
        readonly bounds: readonly (Node | undefined)[];
      }
    | { readonly kind: 'call'; readonly of: Node; readonly args: Arguments<Node> }
    | {
        readonly kind: 'filter' | 'test';
        readonly of: Node;
        readonly name: string;
        readonly nameSpan: Span;
        readonly args: Arguments<Node>;
      }
    | { readonly kind: 'not' | 'minus' | 'plus'; readonly of: Node }
    | {
        readonly kind: 'arithmetic';
        readonly operator: Arithmetic;
        readonly left: Node;
        readonly right: Node;
      }
    | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
    | {
        readonly kind: 'compare';
        readonly first: Node;
        readonly rest: readonly { readonly operator: Comparison; readonly right: Node }[];
      }
    | {
        readonly kind: 'choice';
        readonly condition: Node;
        readonly then: Node;
        readonly otherwise: Node | undefined;
      }
  );

/** The name of a filter or test. */
export interface Named {
  readonly name: string;
  readonly nameSpan: Span;
}
