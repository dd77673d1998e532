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
  summary: 'write a page about the lab in HTML: map, states, findings, drift',
  positionals: '[INVENTORY]',
  details:
    'Changes nothing on any host. Exits like check: 0 if no problem is found, 1 if there is one, 4 if the only problems are unreachable hosts.',
  options: {
    ...healthOptions,
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      text: 'file to write the page to (default lab.html; - for standard output)',
    },
    'no-plan': { type: 'boolean', text: 'do not look for differences from the inventory' },
    refresh: {
      type: 'string',
      value: 'SECONDS',
      text: 'let the browser reload the page at this interval, for a wall display',
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
      message: `--refresh must be a whole number of seconds, 5 to 86400, not '${given}'`,
      hint: '--refresh 60',
    },
  ]);
}
