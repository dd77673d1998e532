const conditions = {
  anyOf: [
    { type: 'boolean' },
    { type: 'string', minLength: 1 },
    { type: 'array', items: { anyOf: [{ type: 'boolean' }, { type: 'string', minLength: 1 }] } },
  ],
} as const;

const names = {
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 } },
  ],
} as const;

const map = { type: 'object', additionalProperties: {} } as const;

const aVariable = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } as const;

/** What a block, a role, an import and a task may say, and what a play says for all its tasks. */
export const aroundKeys = {
  name: { type: 'string', minLength: 1, description: 'Name of the task in reports.' },
  when: { description: 'Condition, or several that must all hold.', ...conditions },
  tags: {
    description:
      'Names that --tags and --skip-tags select by; always and never have a special meaning.',
    ...names,
  },
  vars: { ...map, description: 'Variables, stronger than those of the play.' },
  environment: {
    description: 'Environment variables, as a map or a list of maps.',
    anyOf: [map, { type: 'array', items: map }],
  },
  become: {
    type: 'boolean',
    description: 'true, as is usual here: as root; false: as the user who is logged in.',
  },
  become_user: {
    type: 'string',
    minLength: 1,
    description: 'User that runs the steps; root when absent.',
  },
  become_method: { type: 'string', enum: ['sudo'], description: 'sudo, which is what is used.' },
  no_log: { type: 'boolean', description: 'Reports show nothing of what the task does.' },
  ignore_errors: { type: 'boolean', description: 'The host goes on when the task has failed.' },
  check_mode: {
    type: 'boolean',
    description: 'true: it never changes anything; false: it runs in a dry run as well.',
  },
  run_once: { type: 'boolean', description: 'It runs on the first host of a batch only.' },
  delegate_to: {
    type: 'string',
    minLength: 1,
    description: 'The host that it runs on in the place of its own.',
  },
  module_defaults: {
    type: 'object',
    additionalProperties: map,
    description: 'By module, the arguments that tasks have unless they say otherwise.',
  },
  collections: { description: 'No effect: modules are found by their short names.' },
  debugger: { description: 'No effect.' },
} as const;

/** What makes a loop, of a task or of an include. */
const loopKeys = {
  loop: {
    description: "A list, or a template that names one; each item is 'item' in turn.",
    anyOf: [
      { type: 'array', items: {} },
      { type: 'string', minLength: 1 },
    ],
  },
  with_list: { description: 'As loop.' },
  with_items: { description: 'As loop; lists in the list are taken apart.' },
  with_dict: { description: 'A map; each item has a key and a value.' },
  with_flattened: { description: 'As loop; lists at any depth are taken apart.' },
  with_indexed_items: { description: 'Each item is a list of its number and the item.' },
  with_together: { description: 'A list of lists; each item has one of each.' },
  with_nested: { description: 'A list of lists; the items are all combinations.' },
  with_cartesian: { description: 'As with_nested.' },
  loop_control: {
    type: 'object',
    additionalProperties: false,
    description: 'How the items of the loop are called.',
    properties: {
      loop_var: { ...aVariable, description: "The name of an item in the place of 'item'." },
      index_var: { ...aVariable, description: 'The name of its number, from 0.' },
      label: { type: 'string', minLength: 1, description: 'What reports show of an item.' },
    },
  },
} as const;

/** The keys of a task beside its module. */
export const taskSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...aroundKeys,
    ...loopKeys,
    args: { ...map, description: "Arguments of the module, weaker than the module's own." },
    action: { description: 'The module and its arguments, as text or as a map with module.' },
    local_action: { description: 'As action, with delegate_to: localhost.' },
    register: { ...aVariable, description: 'The variable that keeps the result.' },
    notify: { description: 'Handlers to run when the task changes something.', ...names },
    listen: { description: 'Of a handler: by what else it is notified.', ...names },
    changed_when: { description: 'When an action counts as a change.', ...conditions },
    failed_when: { description: 'When an action counts as failed.', ...conditions },
    until: { description: 'It is repeated until this holds.', ...conditions },
    retries: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      description: "How often a failed task is retried; 3 with 'until'.",
    },
    delay: {
      type: 'number',
      minimum: 0,
      maximum: 3600,
      description:
        "Seconds before each of these; 5 with 'until', else 1, 2, 3 and so on up to 10 when absent.",
    },
  },
} as const;

/** The keys of a block. */
export const blockSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...aroundKeys,
    block: { type: 'array', items: { checkedLater: true }, description: 'Tasks, in order.' },
    rescue: {
      type: 'array',
      items: { checkedLater: true },
      description: 'Tasks for when one of the block failed.',
    },
    always: {
      type: 'array',
      items: { checkedLater: true },
      description: 'Tasks that run at the end in any case.',
    },
  },
} as const;

/** The keys beside `import_tasks`, `include_tasks`, `import_role` and `include_role`. */
export const includeSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { ...aroundKeys, ...loopKeys, args: taskSchema.properties.args },
} as const;

const aFile = { type: 'string', minLength: 1 } as const;
const apply = { ...map, description: 'Keywords for each task of the file.' } as const;

/** The arguments of `import_tasks` and `include_tasks`. */
export const tasksFileSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['file'],
  properties: { file: { ...aFile, description: 'A file with a list of tasks.' }, apply },
} as const;

const roleFiles = {
  tasks_from: { ...aFile, description: "A file of tasks/ in the place of 'main'." },
  vars_from: { ...aFile, description: "A file of vars/ in the place of 'main'." },
  defaults_from: { ...aFile, description: "A file of defaults/ in the place of 'main'." },
  handlers_from: { ...aFile, description: "A file of handlers/ in the place of 'main'." },
} as const;

/** The arguments of `import_role` and `include_role`. */
export const roleArgsSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { ...aFile, description: 'The role.' },
    ...roleFiles,
    apply,
    allow_duplicates: {
      type: 'boolean',
      description: 'false: not again where the same has been imported before.',
    },
    public: {
      type: 'boolean',
      description: 'Of an include: the whole play sees the variables of the role.',
    },
    rolespec_validate: { type: 'boolean', description: 'No effect.' },
  },
} as const;

/** What `apply` of an include may say. */
export const applySchema = {
  type: 'object',
  additionalProperties: false,
  properties: aroundKeys,
} as const;

/** The keys beside `meta`. */
export const metaSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { name: aroundKeys.name, when: aroundKeys.when, tags: aroundKeys.tags },
} as const;
