import type { Place } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';

/** A role that is asked for. */
export interface RoleRequest {
  readonly name: unknown;
  readonly place: Place;
  readonly label: string;
  /** Keywords beside it, which hold for all its tasks. */
  readonly fields: Fields;
  /** Its parameters, stronger than most other variables. */
  readonly params: Fields;
  /** Other files than `main`. */
  readonly from: Readonly<Partial<Record<'tasks' | 'vars' | 'defaults' | 'handlers', string>>>;
  /** In a list of roles or dependencies, where it runs once; or imported, where it runs each time. */
  readonly how: 'listed' | 'imported';
  readonly allowDuplicates: boolean | undefined;
  /** Whether the whole play sees its variables. */
  readonly exposed: boolean;
}
