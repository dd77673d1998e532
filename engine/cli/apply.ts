import { InvalidInput } from '../contract/errors.ts';
import { startAt } from '../read/playbook/start_at.ts';
import { type Call, type Command, EXIT, type World } from './command.ts';
import { isListing, listing } from './listing.ts';
import { forksOf } from './options.ts';
import { readLab, refuseMore } from './read_lab.ts';
import {
  applyOptions,
  type HowToRun,
  isDryRun,
  planOptions,
  runLab,
  whenUnread,
} from './run_lab.ts';

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
    return readAndRun(call, world, { mode: isDryRun(call) ? 'dry run' : 'apply', forks });
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
    return readAndRun(call, world, { mode: 'dry run', forks });
  },
};

async function readAndRun(call: Call, world: World, how: HowToRun): Promise<number> {
  const secrets = isListing(call) ? 'placeholders' : 'real';
  const whole = await readLab(call, world, { secrets, idle: 'refused' });
  const glob = call.text('start-at-task');
  const { plays, errors } =
    glob === undefined ? { plays: whole.plays, errors: [] } : startAt(whole.plays, glob);
  if (errors.length > 0) throw new InvalidInput(errors);
  const lab = { ...whole, plays };
  if (!isListing(call)) return runLab(lab, call, world, how);
  world.write(listing(lab, call));
  return EXIT.done;
}
