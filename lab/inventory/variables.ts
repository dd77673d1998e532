import type { Schema } from '../../engine/sdk.ts';
import { boardsSchema } from '../board/schema.ts';
import { lavaSchema } from './lava_schema.ts';

/** Variables with a meaning for a lab. */
export const labVariables = {
  lava: lavaSchema,
  boards: boardsSchema,
  description: {
    type: 'string',
    maxLength: 200,
    description: "Description on LAVA's page of a worker.",
  },
  proxy_port: {
    ...{ type: 'integer', minimum: 1, maximum: 65535 },
    description: "Port of the proxy on a host of the group 'proxy'; 3128 when absent.",
  },
} as const satisfies Readonly<Record<string, Schema>>;
