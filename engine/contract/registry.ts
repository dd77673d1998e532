import type { AnyModule } from './module.ts';

/** All modules by name. */
export type Registry = ReadonlyMap<string, AnyModule>;
