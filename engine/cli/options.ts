import { InvalidInput } from '../contract/errors.ts';
import type { Call, OptionSpec } from './command.ts';

/** Options of every command that reads an inventory. */
export const inventoryOptions = {
  inventory: {
    type: 'string',
    short: 'i',
    multiple: true,
    value: 'INVENTORY',
    text: 'a file, a folder, a program, or hosts with commas (a,b,); may be repeated, later ones win',
  },
  'vault-password-file': {
    type: 'string',
    multiple: true,
    value: 'FILE',
    text: 'password of Ansible Vault: a file, or a program that prints it; may be repeated',
  },
  'vault-id': {
    type: 'string',
    multiple: true,
    value: 'LABEL@SOURCE',
    text: 'password of one vault id; SOURCE is a file, a program or prompt; may be repeated',
  },
  'ask-vault-pass': { type: 'boolean', short: 'J', text: 'ask for the password of Ansible Vault' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Options of every command that reads an inventory together with a playbook. */
export const labOptions = {
  ...inventoryOptions,
  playbook: {
    type: 'string',
    short: 'p',
    value: 'FILE',
    text: 'playbook to use instead of the built-in playbooks/lab.yaml',
  },
  modules: {
    type: 'string',
    multiple: true,
    value: 'DIR',
    text: 'folder with modules of your own; may be repeated',
  },
  limit: {
    type: 'string',
    short: 'l',
    value: 'HOSTS',
    text: 'only these hosts: names, groups, globs, ~regex, g[0], a:b, a:&b, a:!b, @file',
  },
  tags: {
    type: 'string',
    short: 't',
    multiple: true,
    value: 'TAGS',
    text: 'only tasks with one of these tags (comma-separated)',
  },
  'extra-vars': {
    type: 'string',
    short: 'e',
    multiple: true,
    value: 'VARS',
    text: 'variables stronger than all others: name=value, a map in YAML or JSON, or @FILE',
  },
  'skip-tags': {
    type: 'string',
    multiple: true,
    value: 'TAGS',
    text: 'skip tasks with one of these tags (comma-separated)',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Splits repeated comma lists: `--tags a,b --tags c`. */
export function commaList(texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** Who works on several hosts at a time: a run, which plans and may change them, or a check, which only asks. */
type Work = 'run' | 'check';

/** How many hosts at a time unless set. */
const USUAL_FORKS: Readonly<Record<Work, number>> = { run: 25, check: 32 };

/** The option `--forks`. */
export function forksOption(work: Work): OptionSpec {
  const verb = work === 'run' ? 'work on' : 'query';
  return {
    type: 'string',
    short: 'f',
    value: 'N',
    text: `how many hosts to ${verb} at a time (default ${USUAL_FORKS[work]})`,
  };
}

/** How many hosts at a time, by `--forks`. */
export function forksOf(call: Call, work: Work): number {
  const usual = USUAL_FORKS[work];
  const text = call.text('forks') ?? String(usual);
  const forks = Number(text);
  if (Number.isInteger(forks) && forks >= 1) return forks;
  throw new InvalidInput([
    {
      code: 'usage',
      message: `--forks must be a whole number of at least 1, not '${text}'`,
      hint: `--forks ${usual}`,
    },
  ]);
}
