import type { ObjectSchema } from '../../engine/sdk.ts';

/** How a worker reaches a lab behind a firewall. */
export const tunnelSchema = {
  type: 'object',
  description: 'On a worker: how it reaches a lab behind a firewall, by one SSH connection.',
  additionalProperties: false,
  required: ['through'],
  properties: {
    through: {
      type: 'string',
      minLength: 1,
      description: "A host or group of the inventory: 'master', or 'gate' for a host before it.",
    },
    address: {
      type: 'string',
      pattern: '^[^\\s/@\\[\\]]+$',
      description: 'Its address as the worker sees it; that of the inventory when absent.',
    },
    port: {
      ...{ type: 'integer', minimum: 1, maximum: 65535 },
      description: 'Port of its SSH server as the worker sees it; 22 when absent.',
    },
    forwards: {
      type: 'object',
      description:
        "What the tunnel carries, by name: 'http', 'ssh', 'coordinator', for the layout instance 'database', and others.",
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          listen: {
            ...{ type: 'integer', minimum: 1024, maximum: 65535 },
            description: "Port of the worker's loopback.",
          },
          host: {
            type: 'string',
            pattern: '^[\\w.:-]+$',
            description: 'Address or name as the gate sees it.',
          },
          port: { type: 'integer', minimum: 1, maximum: 65535 },
        },
      },
    },
  },
} as const satisfies ObjectSchema;
