import {
  type Call,
  type Command,
  EXIT,
  healthExitCode,
  healthOptions,
  InvalidInput,
  type LabHealth,
  labHealth,
  readLab,
  refuseMore,
  visibleJson,
  visibly,
  type World,
} from '../../engine/extend.ts';
import { type LabStatus, labStatus } from './lab_status.ts';
import { type StatusLook, statusText } from './status_text.ts';

/** One look at the lab: who is there, what runs, what is wrong. */
export const status: Command = {
  name: 'status',
  summary: 'show the workers and boards of the lab in one table',
  positionals: '[INVENTORY]',
  details:
    'Changes nothing. Exits like check: 0 if no problem is found, 1 if there is one, 4 if the only problems are unreachable hosts. Ctrl-C ends --watch with exit code 0.',
  options: {
    ...healthOptions,
    boards: { type: 'boolean', text: 'one line per board instead of one per worker' },
    watch: { type: 'boolean', short: 'w', text: 'repeat until Ctrl-C' },
    interval: { type: 'string', value: 'SECONDS', text: 'how long --watch pauses (default 10)' },
    json: { type: 'boolean', text: 'one JSON object; with --watch, one per line' },
  },
  async run(call, world) {
    refuseMore(call, 1);
    const isWatched = call.flag('watch');
    const seconds = intervalOf(call);
    const lab = await readLab(call, world, { secrets: 'real' });
    const look = async (): Promise<{ readonly health: LabHealth; readonly now: LabStatus }> => {
      const progress = isWatched ? 'hidden' : 'shown';
      const health = await labHealth(lab, call, world, { progress });
      return { health, now: labStatus(health, lab.inventory.lab) };
    };
    if (isWatched) return watch(async () => text((await look()).now, call, world), seconds, world);
    const { health, now } = await look();
    if (world.stop.aborted) return EXIT.interrupted;
    world.write(text(now, call, world));
    return healthExitCode(health);
  },
};

function text(now: LabStatus, call: Call, { terminal, colour }: World): string {
  if (call.flag('json')) return `${visibleJson(now, call.flag('watch') ? 0 : 2)}\n`;
  const look: StatusLook = {
    colour,
    width: terminal?.columns ?? 120,
    table: call.flag('boards') ? 'boards' : 'workers',
  };
  return statusText(visibly(now), look);
}

/** Draws over what it drew before, where there is a terminal; what does not fit is cut at its end. */
async function watch(
  draw: () => Promise<string>,
  seconds: number,
  { terminal, stop, write }: World,
): Promise<number> {
  if (terminal) write('\x1b[?25l\x1b[2J');
  try {
    while (!stop.aborted) {
      const drawn = await draw();
      if (stop.aborted) break;
      write(terminal ? overTheLast(drawn, terminal.rows) : drawn);
      await rest(seconds, stop);
    }
  } finally {
    if (terminal) write('\x1b[?25h\n');
  }
  return EXIT.done;
}

function overTheLast(drawn: string, rows: number): string {
  const lines = drawn.trimEnd().split('\n');
  const shown =
    lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${lines.at(-1) ?? ''}`];
  return `\x1b[H${shown.map((line) => `${line}\x1b[K`).join('\n')}\x1b[J`;
}

function rest(seconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    function done(): void {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    }
    stop.addEventListener('abort', done);
  });
}

function intervalOf(call: Call): number {
  const given = call.text('interval');
  if (given === undefined) return 10;
  const seconds = Number(given);
  if (Number.isFinite(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidInput([
    {
      code: 'usage',
      message: `--interval must be 1 to 86400 seconds, not '${given}'`,
      hint: '--interval 10',
    },
  ]);
}
