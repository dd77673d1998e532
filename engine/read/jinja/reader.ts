import type { Cursor } from './cursor.ts';
import type { Node } from './nodes.ts';

/** Reads expressions that stand one after another. */
export interface Reader extends Cursor {
  /** A whole expression. */
  expression(): Node;
  /** One or more expressions with commas between them; several are a tuple. */
  expressions(): Node;
  /** An expression that ends before `if`, as in the head of a loop. */
  unconditional(): Node;
  /** A filter's name and what comes after it, applied to `of`. */
  filtersAfter(of: Node): Node;
}
