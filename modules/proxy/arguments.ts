/** The arguments of the module. */
export const proxySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    port: { type: 'integer', minimum: 1, maximum: 65535, default: 3128 },
    cache_size: {
      type: 'integer',
      minimum: 100,
      default: 30720,
      description: 'How large the cache may grow, in MB',
    },
    cache_folder: {
      type: 'string',
      pattern: '^(/[\\w.-]+)+$',
      default: '/var/spool/squid',
      description: 'Folder of the cache; its parent folder must exist',
    },
    maximum_object_size: {
      type: 'integer',
      minimum: 1,
      default: 1_024_000,
      description: 'The largest file that is cached, in KB',
    },
    clients: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: ['workers'],
      description: 'Who may use it: groups and hosts of the inventory, addresses, networks',
      examples: [['workers', '192.0.2.128/25']],
    },
  },
} as const;
