const ASKED =
  'define a secret with prompt: in the inventory, and use it as password or become_password';
const REREAD = 'facts are read anew by each run; there is no cache';

/** Options of ansible-playbook, and what is here instead. */
export const ANSIBLE_OPTIONS: Readonly<Record<string, string>> = {
  '-b': 'every task runs as root; set become: false for a host to forbid sudo',
  '--become': 'every task runs as root; set become: false for a host to forbid sudo',
  '-k': ASKED,
  '--ask-pass': ASKED,
  '-K': ASKED,
  '--ask-become-pass': ASKED,
  '--flush-cache': REREAD,
  '--force-handlers':
    'a handler stays pending on the host when the run fails, and the next apply runs it',
  '--step':
    'apply shows all changes and asks before it makes them; --limit and --tags make them fewer',
  '-u': 'set user: for the hosts in the inventory',
  '--user': 'set user: for the hosts in the inventory',
  '--private-key': 'set identity_file: for the hosts in the inventory',
  '--syntax-check': 'lava-play validate checks inventory and playbook',
};
