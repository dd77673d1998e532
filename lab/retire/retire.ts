import {
  applyOptions,
  type Call,
  type Command,
  EXIT,
  forksOf,
  InvalidInput,
  type Inventory,
  inventorySources,
  type ReadLab,
  type RunResult,
  readLab,
  refuseMore,
  runAndTell,
  type World,
  whenUnread,
} from '../../engine/extend.ts';
import { nearest } from '../../engine/sdk.ts';
import { RETIRED, roles, withRetired } from '../inventory/groups.ts';

const { limit: _, tags: __, 'skip-tags': ___, ...options } = applyOptions;

/** Takes a worker out of service, on the other hosts and on itself. */
export const retire: Command = {
  name: 'retire',
  summary: 'take a worker out of service: on the master, in the database and on the worker itself',
  positionals: 'WORKER [INVENTORY]',
  details:
    'This is an apply with the worker in the group `retired`; no other worker is touched. LAVA retires it, whoever\n' +
    'registered it, and the result is verified. While it has running jobs, it is not retired yet: run this again later. What\n' +
    'others have installed on the worker stays.',
  options,
  whenUnread,
  async run(call, world) {
    const [worker, ...positionals] = call.positionals;
    if (worker === undefined) {
      const hint = 'lava-play retire WORKER [INVENTORY]';
      throw new InvalidInput([{ code: 'usage', message: 'no worker given', hint }]);
    }
    refuseMore(call, 2);
    const forks = forksOf(call, 'run');
    if (!world.ask && !call.flag('yes') && !call.flag('dry-run')) {
      const message = 'there is no terminal to ask for confirmation';
      throw new InvalidInput([{ code: 'usage', message, hint: '--yes, or --dry-run' }]);
    }
    const lab = await readRetiring(worker, { ...call, positionals }, world);
    const mode = call.flag('dry-run') ? 'dry run' : 'apply';
    const ended = await runAndTell(lab, call, world, { mode, forks, proofs: 'always' });
    if (mode === 'dry run' || ended.end !== 'complete') return ended.exitCode;
    const file = inventorySources({ ...call, positionals }, world).join(', ');
    const { words, exitCode } = lastWord(worker, file, provesRetirement(lab, worker), ended);
    if (!call.flag('json')) world.write(`${words}\n`);
    return exitCode;
  },
};

/** Whether there is a task that shows that LAVA has retired a worker; without LAVA on the master there is none. */
function provesRetirement({ plays, inventory }: ReadLab, worker: string): boolean {
  return plays.some(({ tasks }) =>
    [...tasks].some(([name, its]) =>
      its.some(({ module, args }) =>
        module
          .proofs?.({ args, host: inventory.lab.hosts[name], lab: inventory.lab } as never)
          .some(({ subject }) => subject === worker),
      ),
    ),
  );
}

interface LastWord {
  readonly words: string;
  readonly exitCode: number;
}

/** What is true of the worker now, and what is left to do about it. */
function lastWord(
  worker: string,
  file: string,
  isAsked: boolean,
  { hosts, proofs, exitCode }: Pick<RunResult, 'hosts' | 'proofs'> & { readonly exitCode: number },
): LastWord {
  const proof = proofs.find(({ subject }) => subject === worker);
  const failed = exitCode === EXIT.done ? EXIT.failed : exitCode;
  const keep = `Leave it in ${file} and run this again`;
  if (isAsked && proof?.state === 'not yet') {
    const words = `${worker} is not retired yet: ${proof.words}. It gets no new jobs. ${keep} when they have ended, or with --kick, which does not wait.`;
    return { words, exitCode };
  }
  if (isAsked && proof?.state !== 'proved') {
    const why = proof ? '' : ': LAVA was not asked';
    return {
      words: `${worker} is not retired${why}. ${keep} when that is fixed.`,
      exitCode: failed,
    };
  }
  const retired = isAsked ? `LAVA has retired ${worker}` : `${worker} is out of use`;
  const own = hosts.find(({ host }) => host === worker);
  if (own?.outcome === 'unreachable') {
    const words = `${retired}, but it could not be reached and was not cleaned. ${keep} when it is back; if it never comes back, remove it from the inventory.`;
    return { words, exitCode: failed };
  }
  if (exitCode !== EXIT.done) {
    return { words: `${retired}, but some changes failed. ${keep} when that is fixed.`, exitCode };
  }
  if (own && own.deferred > 0) {
    return { words: `${retired}, but the host itself is still in use. ${keep} later.`, exitCode };
  }
  const words = `Now remove ${worker} from ${file}, or the next apply makes it a worker again.`;
  return { words: isAsked ? words : `${NOT_ASKED}\n${words}`, exitCode };
}

const NOT_ASKED =
  'Its state in LAVA was not checked: no task of the playbook registers workers there.';

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
  const limit = ['all', ...othersThan(worker, inventory).map((name) => `!${name}`)].join(':');
  const limited = { ...call, text: (name: string) => (name === 'limit' ? limit : call.text(name)) };
  return readLab(limited, world, {
    secrets: 'real',
    regroup: (before) => withRetired(worker, before),
    idle: 'refused',
  });
}

/** The other workers have nothing to do with it, but for one that is the master or the database besides. */
function othersThan(worker: string, { groups }: Pick<Inventory, 'groups'>): readonly string[] {
  const membersOf = (name: string): readonly string[] => groups.get(name)?.hosts ?? [];
  const needed = roles.all.filter((role) => role !== 'workers').flatMap(membersOf);
  return membersOf('workers').filter((name) => name !== worker && !needed.includes(name));
}
