const NAME = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?(=[^\\s,=]+)?(,.+)?$',
} as const;

const NAMES = {
  anyOf: [NAME, { type: 'array', items: NAME }],
  description:
    'Packages: a name, several with commas between, or a list; a version as foo=1.2 or foo=1.2*',
} as const;

/** The arguments of the module. */
export const aptSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: NAMES,
    pkg: NAMES,
    package: NAMES,
    state: {
      type: 'string',
      enum: ['present', 'latest', 'absent'],
      default: 'present',
      description: 'latest compares with what the lists of apt on the host offer',
    },
    update_cache: {
      type: 'boolean',
      description: 'Reads the lists of apt first',
    },
    cache_valid_time: {
      type: 'integer',
      minimum: 0,
      description: 'Seconds within which lists that were read count as new',
    },
    purge: { type: 'boolean', default: false, description: 'Removes configuration files too' },
    autoremove: {
      type: 'boolean',
      default: false,
      description: 'Removes packages that nothing needs any more',
    },
    autoclean: { type: 'boolean', default: false },
    clean: { type: 'boolean', default: false },
    install_recommends: {
      type: 'boolean',
      description: 'Whether recommended packages come too; by the settings of apt unless given',
    },
    default_release: {
      type: 'string',
      pattern: '^[\\w./=:*-]+$',
      description: 'The release to install from, such as bookworm-backports',
    },
    deb: { type: 'string', minLength: 1, description: 'The path of a .deb file on the host' },
    upgrade: {
      anyOf: [{ type: 'boolean' }, { type: 'string', enum: ['yes', 'no', 'safe', 'full', 'dist'] }],
      default: 'no',
      description: 'Upgrades all packages; full and dist also remove where that is needed',
    },
    force_apt_get: {
      type: 'boolean',
      description: 'Taken for the sake of playbooks that have it: it is always apt-get',
    },
  },
} as const;
