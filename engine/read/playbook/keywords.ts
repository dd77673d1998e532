import { rollingProperties } from './rolling.ts';
import { aroundKeys } from './task_keywords.ts';

const { when: _when, delegate_to: _host, name: _name, vars: _vars, ...inherited } = aroundKeys;

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
    vars_files: {
      description: 'Files with variables of the play; of a list of names the first that is there.',
      anyOf: [
        { type: 'string', minLength: 1 },
        {
          type: 'array',
          items: {
            anyOf: [
              { type: 'string', minLength: 1 },
              { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
            ],
          },
        },
      ],
    },
    ...rollingProperties,
    ...inherited,
    gather_facts: { type: 'boolean', description: 'No effect: facts are read when they are used.' },
    gather_subset: { description: 'No effect: facts are read when they are used.' },
    gather_timeout: { description: 'No effect: facts are read when they are used.' },
    roles: {
      type: 'array',
      items: {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'object', additionalProperties: {} },
        ],
      },
      description: 'Roles, by name or as a map with the parameters of the role; before the tasks.',
    },
    pre_tasks: {
      type: 'array',
      items: { checkedLater: true },
      description: 'Tasks before the roles.',
    },
    tasks: { type: 'array', items: { checkedLater: true }, description: 'Tasks, in order.' },
    post_tasks: { type: 'array', items: { checkedLater: true }, description: 'Tasks at the end.' },
    handlers: {
      type: 'array',
      items: { checkedLater: true },
      description: 'Tasks that run when a task that changed something notifies them.',
    },
  },
} as const;

/** What `import_playbook` may have beside it. */
export const importSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['import_playbook'],
  properties: {
    import_playbook: {
      type: 'string',
      minLength: 1,
      description: 'A playbook whose plays stand here; relative to this file.',
    },
    name: { type: 'string', minLength: 1, description: 'What is imported, for readers.' },
    when: aroundKeys.when,
    tags: aroundKeys.tags,
    vars: {
      type: 'object',
      additionalProperties: {},
      description: 'Variables of all its plays; they win over those of the plays.',
    },
  },
} as const;

/** What people who know Ansible look for, and what they find here instead. */
export const ansibleHints: Readonly<Record<string, string>> = {
  async: 'a task runs until it ends; command_timeout of the inventory is its limit',
  become_exe: 'sudo runs the tasks; set its path on the host',
  become_flags: 'sudo is called as lava-play needs it; there are no flags to set',
  connection: 'connection settings belong in the inventory',
  delegate_facts: 'facts are read when they are used, on the host that uses them',
  diff: 'lava-play apply --no-diff hides diffs; no_log: true hides those of one task',
  force_handlers: 'handlers of a host that failed stay pending and run at the next apply',
  ignore_unreachable: 'a host that is not reached does not stop the others',
  import_playbook: 'it stands by itself in the list of plays: - import_playbook: FILE',
  include: 'write import_tasks for a file of tasks, import_playbook for a playbook',
  include_playbook: 'write import_playbook',
  order: 'hosts are processed in the order of the inventory',
  poll: 'a task runs until it ends; command_timeout of the inventory is its limit',
  port: 'set port: for the hosts in the inventory',
  remote_user: 'set user: for the hosts in the inventory',
  strategy: 'hosts of a batch go on independently of each other; serial: makes batches',
  sudo: 'every task runs as root; become_user runs it as another user',
  throttle: 'serial: of the play limits how many hosts are worked on at once',
  timeout: 'command_timeout of the inventory limits how long a task may take',
  user: 'set user: for the hosts in the inventory',
  vars_prompt: 'define a secret with prompt: in the inventory',
  with_fileglob: 'name the files in loop:, as they are on this machine',
  with_first_found: 'name the file; when: chooses between several tasks',
  with_sequence: 'write the numbers in loop: [1, 2, 3]',
  with_subelements: 'write a list of maps in loop:, or with_nested:',
};
