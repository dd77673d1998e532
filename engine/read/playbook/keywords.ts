import { rollingProperties } from './rolling.ts';

const tags = {
  description:
    'Names that --tags and --skip-tags select by; always and never have a special meaning.',
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 } },
  ],
} as const;

/** The keys of a play; its tasks are read one by one. */
export const playSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['hosts'],
  properties: {
    name: { type: 'string', minLength: 1, description: 'Name of the play in reports.' },
    hosts: { type: 'string', minLength: 1, description: 'Host pattern: a group, names, a glob.' },
    needs: {
      type: 'string',
      minLength: 1,
      description: 'Host pattern: the play is skipped when one of these failed.',
    },
    vars: { type: 'object', additionalProperties: {}, description: 'Variables of the play.' },
    ...rollingProperties,
    tags,
    tasks: { type: 'array', items: {}, description: 'Tasks, in order.' },
  },
} as const;

/** The keys of a task beside its module. */
export const taskSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Name of the task in reports.' },
    when: {
      description: 'Condition, or several that must all hold.',
      anyOf: [
        { type: 'boolean' },
        { type: 'string', minLength: 1 },
        {
          type: 'array',
          items: { anyOf: [{ type: 'boolean' }, { type: 'string', minLength: 1 }] },
        },
      ],
    },
    loop: {
      description: "A list, or a template that names one; each item is 'item' in turn.",
      anyOf: [
        { type: 'array', items: {} },
        { type: 'string', minLength: 1 },
      ],
    },
    tags,
    retries: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      description: 'How often a failed task is retried.',
    },
    delay: {
      type: 'number',
      minimum: 0,
      maximum: 3600,
      description: 'Seconds before each of these; 1, 2, 3 and so on up to 10 when absent.',
    },
    become_user: {
      type: 'string',
      minLength: 1,
      description: 'User that runs the steps; root when absent.',
    },
  },
} as const;

/** What people who know Ansible look for, and what they find here instead. */
export const ansibleHints: Readonly<Record<string, string>> = {
  become: 'every task runs as root; set become: false for a host to forbid sudo',
  block: 'write the tasks one after another; blocks are not supported',
  changed_when: 'modules detect changes themselves',
  check_mode: 'a dry run is lava-play plan, for the whole run',
  connection: 'connection settings belong in the inventory',
  debug: 'lava-play inventory --list shows the variables',
  delegate_to: 'write a play for that host',
  environment: 'modules set what they need themselves',
  failed_when: 'modules detect failures themselves',
  gather_facts: 'modules query the facts that they need',
  handlers: 'modules restart what they change themselves',
  ignore_errors: 'a failed host does not stop the others; retries: N retries',
  import_playbook: 'put the plays in one file',
  import_tasks: 'put the tasks in the play',
  include_tasks: 'put the tasks in the play',
  listen: 'modules restart what they change themselves',
  loop_control: "the item of a loop is always called 'item'",
  no_log: 'secrets are always masked',
  notify: 'modules restart what they change themselves',
  order: 'hosts are processed in the order of the inventory',
  register: 'modules query the facts that they need; nothing is registered',
  remote_user: 'set user: for the hosts in the inventory',
  roles: 'put the tasks in the play',
  run_once: 'write a play for one host',
  set_fact: 'use vars: of the play or of the inventory',
  until: 'retries: N retries a failed task',
  vars_files: 'put variables in group_vars/ next to the inventory',
  vars_prompt: 'define a secret with prompt: in the inventory',
  with_dict: 'use loop:',
  with_items: 'use loop:',
};
