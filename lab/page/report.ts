import {
  type Call,
  type Command,
  connect,
  type Event,
  EXIT,
  forksOf,
  healthExitCode,
  healthOptions,
  InvalidInput,
  labHealth,
  type ReadLab,
  readLab,
  redacting,
  redactor,
  refuseMore,
  run,
  visibly,
  type World,
  writeWholeFile,
} from '../../engine/extend.ts';
import { labStatus } from '../status/lab_status.ts';
import { driftIn, type HostDrift } from './drift.ts';
import { labPage } from './page.ts';

/** The lab as a page for a browser. */
export const report: Command = {
  name: 'report',
  summary: 'draw the lab as one HTML page: map, states, what is wrong, what differs',
  positionals: '[INVENTORY]',
  details:
    'Changes nothing on any host. Exits like check: 0 without problems, 1 with one, 4 when the only ones are hosts that cannot be reached.',
  options: {
    ...healthOptions,
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      text: 'where to write the page (default lab.html; - is standard output)',
    },
    'no-plan': { type: 'boolean', text: 'do not look at what differs from the inventory' },
    refresh: {
      type: 'string',
      value: 'SECONDS',
      text: 'let the browser read the page again after so long, for a wall',
    },
  },
  async run(call, world) {
    refuseMore(call, 1);
    const refresh = refreshOf(call);
    const file = call.text('output') ?? 'lab.html';
    const lab = await readLab(call, world, { secrets: 'real' });
    const health = await labHealth(lab, call, world);
    const drift = call.flag('no-plan') ? undefined : await driftOf(lab, call, world);
    if (world.stop.aborted) return EXIT.interrupted;
    const page = labPage(visibly({ status: labStatus(health, lab.inventory.lab), drift, refresh }));
    if (file === '-') world.write(page);
    else await writeWholeFile(file, page, '--output');
    return healthExitCode(health);
  },
};

/** What a dry run finds; it makes nothing and asks nobody. */
async function driftOf(
  lab: ReadLab,
  call: Call,
  { stop, operator, program }: World,
): Promise<readonly HostDrift[]> {
  const events: Event[] = [];
  await run({
    mode: 'dry run',
    inventory: lab.inventory,
    plays: lab.plays,
    playbook: lab.playbookFile,
    forks: forksOf(call, 'check'),
    connect,
    trialKinds: program.extension.trialKinds,
    report: redacting((event) => events.push(event), redactor(lab.sensitive)),
    confirm: async () => false,
    stop,
    operator,
    inUse: 'wait',
    stacks: 'hidden',
  });
  return driftIn(events);
}

function refreshOf(call: Call): number | undefined {
  const given = call.text('refresh');
  if (given === undefined) return undefined;
  const seconds = Number(given);
  if (Number.isInteger(seconds) && seconds >= 5 && seconds <= 86_400) return seconds;
  throw new InvalidInput([
    {
      code: 'usage',
      message: `--refresh wants whole seconds, 5 to 86400, not '${given}'`,
      hint: '--refresh 60',
    },
  ]);
}
