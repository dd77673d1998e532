import { ACCOUNT_NAME } from '../../engine/sdk.ts';
import { boardsSchema } from '../../lab/board/schema.ts';

/** The arguments of the module. */
export const consoleSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    boards: { ...boardsSchema, default: [] },
    protocol: {
      type: 'string',
      enum: ['raw', 'telnet', 'rfc2217'],
      default: 'telnet',
      description:
        'What goes over the wire: bytes as they are, telnet, or telnet that can also set the line',
    },
    listen: {
      type: 'string',
      pattern: '^[0-9A-Fa-f.:]*$',
      description: 'Address of the host to listen on; empty: all; 127.0.0.1 when absent',
    },
    banner: {
      type: 'string',
      pattern: '^[ -~]*$',
      default: '',
      description:
        'What a client reads first; \\r\\n, \\o (board), \\d (device) as in ser2net.yaml(5)',
    },
    kickolduser: {
      type: 'boolean',
      default: false,
      description: 'Whether a new client replaces the old one',
    },
    max_connections: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 1,
      description: 'How many clients a console may have at a time',
    },
    trace: {
      type: 'string',
      enum: ['none', 'read', 'both'],
      default: 'none',
      description:
        'What is kept in /var/log/lava-console/BOARD/console.log while a client is there',
    },
    group: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      default: 'dialout',
      description: 'Group that may open the ports, as for udev_ftdi_rules',
    },
    drop: {
      type: 'array',
      items: { type: 'integer', minimum: 1, maximum: 65535 },
      default: [],
      description: 'TCP ports of the shared ser2net.service that need not be served any more',
    },
  },
} as const;
