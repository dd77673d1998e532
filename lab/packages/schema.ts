import type { ObjectSchema, UnionSchema } from '../../engine/sdk.ts';

/** Where a lab takes the packages of LAVA from. */
export type LavaSource = 'debian' | 'backports' | 'lavasoftware' | Repository;

/** A repository of Debian packages. */
export interface Repository {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components?: readonly string[];
  readonly key: string;
}

const repositorySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['uri', 'suites', 'key'],
  properties: {
    uri: {
      type: 'string',
      pattern: '^(https?://|file:/|copy:/)[^\\s@]+$',
      description:
        'Where it is, such as https://packages.example.org/lava; a login for it belongs in /etc/apt/auth.conf.d on the hosts.',
    },
    suites: {
      type: 'array',
      items: { type: 'string', pattern: '^[\\w.+~/-]+$' },
      minItems: 1,
      description: "Its suites, such as bookworm; one that ends in '/' has no components.",
    },
    components: {
      type: 'array',
      items: { type: 'string', pattern: '^[\\w.+~/-]+$' },
      minItems: 1,
      description: 'main when absent.',
    },
    key: {
      type: 'string',
      pattern: '^(/[^\\s]+|-----BEGIN PGP PUBLIC KEY BLOCK-----[^\\0]*)$',
      description:
        'The key that signs it: an armoured public key, such as !file key.asc, or the path of a keyring on the hosts.',
    },
  },
} as const satisfies ObjectSchema;

/** The schema of a source. */
export const sourceSchema = {
  anyOf: [{ type: 'string', enum: ['debian', 'backports', 'lavasoftware'] }, repositorySchema],
  description:
    "Where LAVA's packages come from: debian, backports, lavasoftware, or { uri, suites, components, key }; when absent, what the host has, or backports if it has no LAVA.",
} as const satisfies UnionSchema;

/** The schema of a version. */
export const versionSchema = {
  type: 'string',
  pattern: '^(\\d+:)?\\d{4}\\.\\d{2}[\\w.+~-]*$',
  description:
    "The version of LAVA, such as '2026.10', or of its packages, such as '2026.10-2~bpo13+1'; when absent, the installed one, or the newest if none is.",
} as const;
