const field = (description: string) =>
  ({
    anyOf: [{ type: 'string', pattern: '^[\\w*,/~-]+$' }, { type: 'integer' }],
    default: '*',
    description,
  }) as const;

/** The arguments of the module. */
export const cronSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      pattern: '^[^\\n]+$',
      description: 'What marks the job in the crontab; with env, the name of the variable',
    },
    state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
    job: {
      type: 'string',
      pattern: '^[^\\n]+$',
      description: 'The command; with env, the value of the variable',
    },
    minute: field('0 to 59'),
    hour: field('0 to 23'),
    day: field('1 to 31'),
    month: field('1 to 12'),
    weekday: field('0 to 6, from Sunday'),
    special_time: {
      type: 'string',
      enum: ['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly'],
      description: 'Instead of the five fields',
    },
    disabled: {
      type: 'boolean',
      default: false,
      description: 'Whether the job stands in the crontab as a comment',
    },
    env: {
      type: 'boolean',
      default: false,
      description: 'Whether it is a variable of the crontab, not a job',
    },
    user: {
      type: 'string',
      pattern: '^[a-z_][a-z0-9_-]{0,31}$',
      description: 'Whose crontab it is; in a file, as whom the job runs',
    },
    cron_file: {
      type: 'string',
      pattern: '^(/etc/cron\\.d/)?[\\w-]+$',
      description: 'A file of /etc/cron.d, whose name has no dot, instead of a crontab',
    },
  },
} as const;
