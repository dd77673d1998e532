/** The slice of JSON Schema that module arguments use. */
export type Schema =
  | ScalarSchema
  | ArraySchema
  | ObjectSchema
  | MapSchema
  | UnionSchema
  | FreeSchema;

interface Described {
  /** One sentence for `lava-play modules NAME`, for editors, and for the error when a value does not fit. */
  readonly description?: string;
  readonly default?: unknown;
  /** Other names of the key: `dest` for `path`. */
  readonly aliases?: readonly string[];
  readonly examples?: readonly unknown[];
}

export interface ScalarSchema extends Described {
  readonly type: 'string' | 'integer' | 'number' | 'boolean';
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  /** It is secret, so an error does not show it, whatever its name (JSON Schema, validation vocabulary). */
  readonly writeOnly?: true;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface ArraySchema extends Described {
  readonly type: 'array';
  readonly items: Schema;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
}

/** An object with known keys; beside them others of any kind only where names are what it is about, as in `set_fact`. */
export interface ObjectSchema extends Described {
  readonly type: 'object';
  readonly additionalProperties: false | FreeSchema;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** An object with free keys, all of one kind. */
export interface MapSchema extends Described {
  readonly type: 'object';
  readonly additionalProperties: Schema;
}

/** One of several kinds: `wants: 'yes'` or a map. */
export interface UnionSchema extends Described {
  readonly anyOf: readonly Schema[];
}

/** Any value. */
export interface FreeSchema extends Described {
  readonly type?: undefined;
  /** What stands there is checked by itself, against a schema of its own. */
  readonly checkedLater?: true;
}

/** The TypeScript value that a schema accepts, after defaults are filled in. */
export type Value<S> = S extends { enum: readonly (infer E)[] }
  ? E
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'integer' | 'number' }
      ? number
      : S extends { type: 'boolean' }
        ? boolean
        : S extends { type: 'array'; items: infer I }
          ? readonly Value<I>[]
          : S extends { anyOf: readonly (infer U)[] }
            ? Value<U>
            : S extends { type: 'object'; properties: infer P }
              ? Fields<P, Present<P, S extends { required: readonly (infer R)[] } ? R : never>>
              : S extends { type: 'object'; additionalProperties: infer M }
                ? Readonly<Record<string, Value<M>>>
                : unknown;

type Present<P, R> = R | { [K in keyof P]: P[K] extends { default: unknown } ? K : never }[keyof P];
type Fields<P, R> = { readonly [K in keyof P as K extends R ? K : never]: Value<P[K]> } & {
  readonly [K in keyof P as K extends R ? never : K]?: Value<P[K]>;
};
