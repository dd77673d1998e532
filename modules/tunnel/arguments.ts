import { keyPathSchema } from '../../lab/ssh/key_place.ts';

/** The arguments of the module. */
export const tunnelArguments = {
  type: 'object',
  additionalProperties: false,
  properties: {
    to: {
      type: 'object',
      additionalProperties: false,
      required: ['through', 'address', 'forwards'],
      description: "The worker's lava.tunnel; without it there is no tunnel",
      properties: {
        through: { type: 'string', description: 'Host of the inventory at which it ends' },
        address: {
          type: 'string',
          pattern: '^[\\w.:-]+$',
          description: 'Its address as this host sees it',
        },
        port: { type: 'integer', minimum: 1, maximum: 65535, default: 22 },
        forwards: {
          type: 'object',
          description: 'By name: a port of the loopback, and where it leads as the gate sees it',
          additionalProperties: {
            type: 'object',
            additionalProperties: false,
            required: ['listen', 'host', 'port'],
            properties: {
              listen: { type: 'integer', minimum: 1024, maximum: 65535 },
              host: { type: 'string', pattern: '^[\\w.:-]+$' },
              port: { type: 'integer', minimum: 1, maximum: 65535 },
            },
          },
        },
      },
    },
    key: { ...keyPathSchema, description: 'The private key of this host, made by ssh_key' },
  },
} as const;
