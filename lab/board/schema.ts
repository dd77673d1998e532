import type { ObjectSchema, Schema, UnionSchema } from '../../engine/sdk.ts';

const usbId = {
  description: "four hexadecimal digits: 0x0403 or '0403'",
  anyOf: [
    { type: 'string', pattern: '^(0[xX])?[0-9a-fA-F]{4}$' },
    { type: 'integer', minimum: 0, maximum: 0xffff },
  ],
} as const satisfies UnionSchema;

const serialSchema = {
  type: 'object',
  description: 'The USB adapter that carries the console of the board.',
  additionalProperties: false,
  properties: {
    usb_serial: {
      type: 'string',
      pattern: '^[^\\s"\\\\]+$',
      description: 'Serial number of the USB adapter: no spaces, quotes or backslashes.',
    },
    usb_path: {
      type: 'string',
      pattern: '^[^\\s"\\\\]+$',
      description: "The port that it is plugged into, as udev's ID_PATH.",
    },
    usb_interface: {
      type: 'integer',
      minimum: 0,
      maximum: 31,
      description: 'Interface number, for an adapter with several ports.',
    },
    vendor: usbId,
    product: usbId,
    tcp_port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      description: 'TCP port under which ser2net serves the console.',
    },
    baud: { type: 'integer', minimum: 50, maximum: 4_000_000, description: 'Bits per second.' },
    data_bits: { type: 'integer', minimum: 5, maximum: 8 },
    parity: { type: 'string', enum: ['none', 'even', 'odd'] },
    stop_bits: { type: 'integer', minimum: 1, maximum: 2 },
    board_powered: {
      type: 'boolean',
      description:
        'The adapter is powered by the board, so it disappears whenever the board is off.',
    },
  },
} as const satisfies ObjectSchema;

const commands = {
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
  ],
} as const satisfies Schema;

const powerSchema = {
  type: 'object',
  description: "Shell commands, run on the worker, that switch the board's power.",
  additionalProperties: false,
  properties: {
    on: { ...commands, description: 'power_on_command; several are run one after the other.' },
    off: { ...commands, description: 'power_off_command' },
    reset: { ...commands, description: 'hard_reset_command' },
    soft_reboot: { ...commands, description: 'soft_reboot_command' },
  },
} as const satisfies ObjectSchema;

const plain = {
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
} as const satisfies UnionSchema;

/** The same, or lists and maps of it. */
function nested(inner: UnionSchema): UnionSchema {
  return {
    anyOf: [
      ...plain.anyOf,
      { type: 'array', items: inner },
      { type: 'object', additionalProperties: inner },
    ],
  };
}

/** The boards on a worker. */
export const boardsSchema = {
  type: 'array',
  description: 'The boards attached to this worker.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        pattern: '^(?!ttyUSB|ttyACM|ttyS|ttyAMA)[A-Za-z0-9][A-Za-z0-9_.-]*$',
        description:
          'Identity of the board, also a file name: letters, digits, dot, dash, underscore; not like ttyUSB0.',
      },
      device_type: {
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
        description: 'Device type as LAVA knows it; a board without one is not a device of LAVA.',
      },
      serial: serialSchema,
      description: {
        type: 'string',
        maxLength: 200,
        description: "Description on LAVA's page of the board.",
      },
      tags: {
        type: 'array',
        items: {
          type: 'string',
          pattern: '^[A-Za-z0-9_-]{1,50}$',
          description: 'letters, digits, dash and underscore',
        },
        uniqueItems: true,
        description: 'Device tags by which jobs select it.',
      },
      aliases: {
        type: 'array',
        items: { type: 'string', minLength: 1, maxLength: 200 },
        uniqueItems: true,
        description: 'Other names of its device type, such as those of its device tree.',
      },
      power: powerSchema,
      connection_command: {
        ...{ type: 'string', minLength: 1 },
        description: 'How LAVA gets its console; telnet to its TCP port on the worker when absent.',
      },
      dictionary: {
        type: 'object',
        additionalProperties: nested(nested(plain)),
        description: 'More variables for its device dictionary.',
      },
      jinja2: {
        type: 'string',
        pattern: '\\{%',
        description: 'A device dictionary of your own, instead of all the above: !file PATH.',
      },
    },
  },
} as const satisfies Schema;
