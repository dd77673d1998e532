import type { Node } from './nodes.ts';
import type { Span } from './refusal.ts';

/** What a loop, a `set` or a parameter gives names to. */
export type Target =
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly span: Span }
  | { readonly kind: 'member'; readonly of: string; readonly name: string; readonly span: Span };

/** A parameter of a macro, with what it is when nobody gives it. */
export interface Parameter {
  readonly name: string;
  readonly absent: Node | undefined;
}

/** A part of a template. */
export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly expression: Node }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly condition: Node; readonly body: Body }[];
      readonly otherwise: Body;
    }
  | {
      readonly kind: 'for';
      readonly target: Target;
      readonly items: Node;
      readonly filter: Node | undefined;
      readonly body: Body;
      readonly otherwise: Body;
      readonly span: Span;
    }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Node }
  | {
      readonly kind: 'capture';
      readonly target: Target;
      readonly body: Body;
      readonly filters: Node | undefined;
    }
  | {
      readonly kind: 'macro';
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly body: Body;
    }
  | {
      readonly kind: 'with';
      readonly names: readonly (readonly [string, Node])[];
      readonly body: Body;
    }
  | { readonly kind: 'filter'; readonly filters: Node; readonly body: Body }
  | {
      readonly kind: 'include';
      readonly file: Node;
      readonly mayBeMissing: boolean;
      readonly span: Span;
    }
  | { readonly kind: 'import'; readonly file: Node; readonly as: string; readonly span: Span }
  | {
      readonly kind: 'from';
      readonly file: Node;
      readonly names: readonly { readonly name: string; readonly as: string }[];
      readonly span: Span;
    };

export type Body = readonly Statement[];
