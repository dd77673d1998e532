import type { ObjectSchema, UnionSchema } from '../../engine/sdk.ts';

/** One certificate, and nothing after it. */
const ONE = '^[^-]*-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\\s*$';

/** The certificate of an authority, which the hosts of the lab are to trust. */
export const caSchema = {
  type: 'string',
  pattern: ONE,
  description:
    'The certificate of the authority, exactly one, if Debian does not trust it: !file ca.pem.',
} as const;

const hsts = {
  type: 'integer',
  minimum: 0,
  maximum: 63072000,
  description:
    'Seconds for which browsers use https only after a visit (HSTS); 30 days when absent, 0 for none.',
} as const;

const ownAuthority = {
  type: 'object',
  additionalProperties: false,
  required: ['authority'],
  properties: {
    authority: {
      type: 'string',
      enum: ['lab'],
      description: 'lab: the certificate is made by an authority of the lab, on the master.',
    },
    hsts,
  },
} as const satisfies ObjectSchema;

const givenCertificate = {
  type: 'object',
  additionalProperties: false,
  required: ['certificate', 'key'],
  properties: {
    certificate: {
      type: 'string',
      pattern: '-----BEGIN CERTIFICATE-----',
      description: "The master's certificate, its chain after it: !file lava.pem.",
    },
    key: {
      type: 'string',
      pattern: '-----BEGIN [A-Z ]*PRIVATE KEY-----',
      writeOnly: true,
      description: 'Its private key, without a passphrase: !file or !secret.',
    },
    ca: caSchema,
    hsts,
  },
} as const satisfies ObjectSchema;

/** The schema of how the master is reached by https. */
export const httpsSchema = {
  anyOf: [{ type: 'boolean' }, ownAuthority, givenCertificate],
  description:
    'https of the master: { authority: lab }, { certificate, key }, or true if certificate and site are managed elsewhere.',
} as const satisfies UnionSchema;
