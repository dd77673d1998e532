import { badTemplate } from './refusal.ts';
import type { Filter } from './tools.ts';

const CHANGES = 'its result is another one each time, so that no plan would ever be empty';
const CONTROLLER = 'it looks at the files of this machine';

const reasons: Readonly<Record<string, readonly [reason: string, hint?: string]>> = {
  password_hash: [
    'its salt is another one each time, so that the host would change at every run',
    "store the hash itself as a secret: secrets: { name: { command: [openssl, passwd, '-6', …] } }",
  ],
  random: [CHANGES, 'choose a fixed item: list | first'],
  shuffle: [CHANGES, 'write list | sort'],
  strftime: [CHANGES],
  to_datetime: ['there are no dates here'],
  vault: ['a plan cannot encrypt', 'use !secret'],
  unvault: ['use !secret, or a vaulted file'],
  fileglob: [CONTROLLER],
  realpath: [CONTROLLER],
  expanduser: [CONTROLLER, 'write the whole path'],
  expandvars: [CONTROLLER, "write lookup('env', 'NAME')"],
  log: ['logarithms are not supported'],
};

/** Filters of Ansible that would make a plan untrue. */
export const refusedFilters: Readonly<Record<string, Filter>> = Object.fromEntries(
  Object.entries(reasons).map(([name, [reason, hint]]) => [
    name,
    () => {
      throw badTemplate(`the filter '${name}' is not available: ${reason}`, hint);
    },
  ]),
);
