import { InvalidInput, nearest } from '../errors.ts';
import { RETIRED } from '../inventory/pattern.ts';
import { type Call, type Command, EXIT, type World } from './command.ts';
import { forksOf } from './options.ts';
import { inventoryFile, type ReadLab, readLab, refuseMore } from './read_lab.ts';
import { applyOptions, runLab, USUAL_FORKS, whenUnread } from './run_lab.ts';

const { limit: _, ...options } = applyOptions;

/** Takes a worker out of service, on the other hosts and on itself. */
export const retire: Command = {
  name: 'retire',
  summary: 'take a worker out of service: the master and the database forget it, it is cleaned',
  positionals: 'WORKER [INVENTORY]',
  details:
    'It is an apply with the worker in the group `retired`, and touches no other worker. A worker at work is\n' +
    'retired when its jobs are done: run it again. What others put on the worker stays.',
  options,
  whenUnread,
  async run(call, world) {
    const [worker, ...positionals] = call.positionals;
    if (worker === undefined) {
      const hint = 'lava-play retire WORKER [INVENTORY]';
      throw new InvalidInput([{ code: 'usage', message: 'which worker?', hint }]);
    }
    refuseMore(call, 2);
    const forks = forksOf(call, USUAL_FORKS);
    if (!world.ask && !call.flag('yes') && !call.flag('dry-run')) {
      const message = 'there is nobody to ask whether the worker may be cleaned';
      throw new InvalidInput([{ code: 'usage', message, hint: '--yes, or --dry-run' }]);
    }
    const lab = await readRetiring(worker, { ...call, positionals }, world);
    const mode = call.flag('dry-run') ? 'dry run' : 'apply';
    const exitCode = await runLab(lab, call, world, { mode, forks });
    if (mode === 'apply' && exitCode === EXIT.done && !call.flag('json')) {
      const file = inventoryFile({ ...call, positionals }, world);
      world.write(
        `Now take ${worker} out of ${file}, or the next apply makes it a worker again.\n`,
      );
    }
    return exitCode;
  },
};

async function readRetiring(worker: string, call: Call, world: World): Promise<ReadLab> {
  const { inventory } = await readLab(call, world, { secrets: 'placeholders' });
  const members = ['workers', RETIRED].flatMap((group) => inventory.groups.get(group)?.hosts ?? []);
  if (!members.includes(worker)) {
    const near = nearest(worker, members);
    throw new InvalidInput([
      {
        code: 'unknown-host',
        message: `the inventory has no worker '${worker}'`,
        hint: near ? `did you mean '${near}'?` : 'lava-play inventory --graph shows the hosts',
      },
    ]);
  }
  const limited = { ...call, text: (name: string) => (name === 'limit' ? LIMIT : call.text(name)) };
  return readLab(limited, world, { secrets: 'real', retire: worker, idle: 'refused' });
}

/** The other workers have nothing to do with it. */
const LIMIT = 'all:!workers';
