const WORDS = {
  anyOf: [
    { type: 'string', pattern: '^[^\\n]+$' },
    { type: 'array', items: { type: 'string', pattern: '^\\S+$' }, minItems: 1 },
  ],
} as const;

const SWITCH = { type: 'boolean' } as const;

/** The arguments of the module. */
export const deb822Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: {
      type: 'string',
      pattern: '^[\\w .-]+$',
      description: 'Its name; the file is named after it',
    },
    state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
    types: {
      ...WORDS,
      default: ['deb'],
      description: 'deb, deb-src, or both',
    },
    uris: { ...WORDS, description: 'Where the packages are' },
    suites: { ...WORDS, description: 'The releases, such as bookworm; a path ends with /' },
    components: { ...WORDS, description: 'The parts, such as main; none for a path' },
    architectures: { ...WORDS, description: 'Such as amd64; all of the host unless given' },
    signed_by: {
      type: 'string',
      minLength: 1,
      description: 'The key: its armored text, the path of a keyring on the host, or a fingerprint',
    },
    enabled: { ...SWITCH, description: 'Whether apt uses it' },
    trusted: { ...SWITCH, description: 'true takes packages that nobody signed' },
    allow_insecure: SWITCH,
    by_hash: SWITCH,
    check_date: SWITCH,
    check_valid_until: SWITCH,
    pdiffs: SWITCH,
    languages: WORDS,
    targets: WORDS,
    inrelease_path: { type: 'string', pattern: '^[^\\n]+$' },
    date_max_future: { type: 'integer', minimum: 0 },
    mode: { type: 'string', pattern: '^0?[0-7]{3}$', default: '0644' },
  },
} as const;
