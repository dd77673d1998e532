import type { Command } from './command.ts';
import { forksOf } from './options.ts';
import { readLab, refuseMore } from './read_lab.ts';
import { applyOptions, planOptions, runLab, whenUnread } from './run_lab.ts';

/** Makes the lab as the inventory says. */
export const apply: Command = {
  name: 'apply',
  summary: 'show what differs from the inventory, change it, and verify the result',
  positionals: '[INVENTORY]',
  details:
    'On a terminal, it shows the diffs and asks before it changes anything; otherwise it does not ask.',
  options: applyOptions,
  whenUnread,
  async run(call, world) {
    refuseMore(call, 1);
    const forks = forksOf(call, 'run');
    const lab = await readLab(call, world, { secrets: 'real', idle: 'refused' });
    return runLab(lab, call, world, { mode: call.flag('dry-run') ? 'dry run' : 'apply', forks });
  },
};

/** The dry run under its own name. */
export const plan: Command = {
  name: 'plan',
  summary: 'show what apply would change, without changing anything; same as apply --dry-run',
  positionals: '[INVENTORY]',
  options: planOptions,
  async run(call, world) {
    refuseMore(call, 1);
    const forks = forksOf(call, 'run');
    const lab = await readLab(call, world, { secrets: 'real', idle: 'refused' });
    return runLab(lab, call, world, { mode: 'dry run', forks });
  },
};
