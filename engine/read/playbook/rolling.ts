import type { Diagnostic } from '../../contract/errors.ts';
import type { Schema } from '../../contract/schema.ts';
import type { Place } from '../../values/places.ts';
import { type Fields, field } from '../../values/values.ts';
import { type Filling, fillAll, lazyVariables } from '../expression/variables.ts';
import { check } from '../schema/schema_check.ts';

const size = {
  anyOf: [
    { type: 'integer', minimum: 0, description: 'a number of hosts; 0: all that are left' },
    {
      type: 'string',
      pattern: '^([0-9]+|([0-9]{1,2}|100)%)$',
      description: "a share of the hosts such as '25%'",
    },
  ],
} as const;

/** How a play goes over its hosts, as Ansible's keywords of these names. */
export const rollingProperties = {
  serial: {
    description: "Batch sizes, the last one repeated: 2, '25%' or [1, 5, '50%'].",
    anyOf: [...size.anyOf, { type: 'array', items: size }],
  },
  max_fail_percentage: {
    description:
      'The run ends at the task at which more than this share of a batch has failed; tasks go one by one.',
    anyOf: [
      {
        type: 'number',
        minimum: 0,
        maximum: 100,
        description: 'the largest share of a batch that may fail, in per cent',
      },
      { type: 'string', pattern: '^([0-9]{1,2}|100)%?$' },
    ],
  },
  any_errors_fatal: {
    type: 'boolean',
    description: 'The run ends at the task at which a host fails; tasks go one by one.',
  },
} as const satisfies Readonly<Record<string, Schema>>;

const rollingSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: rollingProperties,
};

/** How a play goes over its hosts, worked out. */
export interface Rolling {
  /** Batch sizes, in hosts or per cent ("25%"), the last one repeated; empty: all hosts at once. */
  readonly serial: readonly (number | string)[];
  /** How large a share of a batch may fail, in per cent; 100: any. */
  readonly maxFailPercentage: number;
  readonly anyErrorsFatal: boolean;
}

const ALL_AT_ONCE: Rolling = { serial: [], maxFailPercentage: 100, anyErrorsFatal: false };

/** Fills in the templates of a play's keys, for which one of its hosts stands for all. */
export function rollingOf(
  { label, place, raw }: { readonly label: string; readonly place: Place; readonly raw: Fields },
  filling: Filling,
): { readonly rolling: Rolling; readonly errors: readonly Diagnostic[] } {
  const { value, errors } = fillAll(lazyVariables(raw, filling));
  const found = errors.length > 0 ? errors : check(rollingSchema, value, label, place).diagnostics;
  if (found.length > 0) return { rolling: ALL_AT_ONCE, errors: found };
  const serial = [field(value, 'serial') ?? []].flat();
  return {
    rolling: {
      serial: serial.filter((size) => typeof size === 'number' || typeof size === 'string'),
      maxFailPercentage: Number.parseFloat(String(field(value, 'max_fail_percentage') ?? 100)),
      anyErrorsFatal: field(value, 'any_errors_fatal') === true,
    },
    errors: [],
  };
}
