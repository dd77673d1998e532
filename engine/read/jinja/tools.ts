import type { Arguments } from './nodes.ts';

/** What filters and methods may use of the run that they are part of. */
export interface Tools {
  filter(name: string, input: unknown, args: Arguments<unknown>): unknown;
  test(name: string, input: unknown, args: Arguments<unknown>): boolean;
  /** Counts work; throws Refusal when it was too much. */
  spend(steps: number): void;
  /** True for a list or map that this very template made, and may therefore change. */
  isMade(container: unknown): boolean;
  made<T>(container: T): T;
}

/** Makes a value of another. */
export type Filter = (input: unknown, args: Arguments<unknown>, tools: Tools) => unknown;

/** Asks something of a value. */
export type Test = (input: unknown, args: Arguments<unknown>) => boolean;
