import { InvalidInput } from '../errors.ts';
import { jsonReporter } from '../report/json.ts';
import { plainReporter } from '../report/plain.ts';
import { redacting, redactor } from '../report/redact.ts';
import type { Reporter } from '../report/reporter.ts';
import { type RunResult, run } from '../run.ts';
import { connect } from '../transport/connect.ts';
import { type Call, type Command, EXIT, type OptionSpec, type World } from './command.ts';
import { labOptions } from './options.ts';
import { readLab, refuseMore } from './read_lab.ts';

const options = {
  ...labOptions,
  forks: {
    type: 'string',
    short: 'f',
    value: 'N',
    text: 'how many hosts to work on at a time (default 25)',
  },
  'no-diff': { type: 'boolean', text: 'name the changes without their diffs' },
  'detailed-exitcode': {
    type: 'boolean',
    text: 'a dry run exits with 3 when there is something to change',
  },
  kick: {
    type: 'boolean',
    text: 'do not wait until a console is left: cut off who uses it',
  },
  json: { type: 'boolean', text: 'one JSON object a line (schema/events.schema.json)' },
  verbose: { type: 'boolean', short: 'v', text: 'name every step and show what it prints' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Makes the lab as the inventory says. */
export const apply: Command = {
  name: 'apply',
  summary: 'show what differs from the inventory, change it, and prove that nothing is left',
  positionals: '[INVENTORY]',
  details:
    'On a terminal it shows the diffs and asks before it changes anything; elsewhere it goes ahead.',
  options: {
    ...options,
    'dry-run': { type: 'boolean', short: 'n', text: 'stop after the diffs; nothing is touched' },
    yes: { type: 'boolean', short: 'y', text: 'do not ask' },
  },
  run: (call, world) => runLab(call, world, { mode: call.flag('dry-run') ? 'dry run' : 'apply' }),
};

/** The dry run under its own name. */
export const plan: Command = {
  name: 'plan',
  summary: 'show what apply would change and touch nothing; the same as apply --dry-run',
  positionals: '[INVENTORY]',
  options,
  run: (call, world) => runLab(call, world, { mode: 'dry run' }),
};

async function runLab(
  call: Call,
  world: World,
  { mode }: { readonly mode: 'apply' | 'dry run' },
): Promise<number> {
  refuseMore(call, 1);
  const forks = forksOf(call);
  const started = performance.now();
  const lab = await readLab(call, world, { secrets: 'real' });
  const reporter = await reporterFor(call, world);
  const report = redacting(reporter.report, redactor(lab.sensitive));
  for (const warning of lab.warnings) report({ type: 'warning', warning });
  const onStop = () => report({ type: 'interrupted', message: stopMessage });
  world.stop.addEventListener('abort', onStop, { once: true });
  const result = await run({
    mode,
    inventory: lab.inventory,
    plays: lab.plays,
    playbook: lab.playbookFile,
    forks,
    connect,
    report,
    confirm: confirmation(call, world, reporter),
    stop: world.stop,
    holder: world.holder,
    inUse: call.flag('kick') ? 'kick' : 'wait',
  });
  world.stop.removeEventListener('abort', onStop);
  const exitCode = exitCodeOf(result, mode, call);
  const seconds = (performance.now() - started) / 1000;
  report({ type: 'run-finished', mode, hosts: result.hosts, seconds, exitCode });
  await reporter.settled();
  return exitCode;
}

const stopMessage =
  'Stopping: running steps are finished, no others begin. Ctrl-C again stops at once.';

async function reporterFor(call: Call, world: World): Promise<Reporter> {
  const write = world.write;
  if (call.flag('json')) return jsonReporter(write);
  const text = {
    colour: world.colour,
    diff: call.flag('no-diff') ? 'hide' : 'show',
    detail: call.flag('verbose') ? 'verbose' : 'normal',
  } as const;
  if (!world.terminal) return plainReporter(write, text);
  const { ttyReporter } = await import('../report/tty.ts');
  return ttyReporter(write, { ...text, rows: world.terminal.rows });
}

function confirmation(call: Call, world: World, reporter: Reporter): () => Promise<boolean> {
  const { ask, terminal } = world;
  if (!ask || !terminal || call.flag('yes') || call.flag('json')) return async () => true;
  return async () => {
    await reporter.settled();
    const answer = await ask('Make these changes? [y/N] ', 'shown');
    return /^y(es)?$/i.test(answer.trim());
  };
}

function exitCodeOf({ hosts, end }: RunResult, mode: 'apply' | 'dry run', call: Call): number {
  const outcomes = new Set(hosts.map(({ outcome }) => outcome));
  if (end === 'interrupted') return EXIT.interrupted;
  if (outcomes.has('failed')) return EXIT.failed;
  if (outcomes.has('unreachable')) return EXIT.unreachable;
  if (end === 'declined') return EXIT.failed;
  const isLeft = hosts.some(({ outcome, waiting }) => outcome === 'would change' || waiting > 0);
  const pending = mode === 'dry run' && isLeft;
  return pending && call.flag('detailed-exitcode') ? EXIT.changesPending : EXIT.done;
}

function forksOf(call: Call): number {
  const text = call.text('forks') ?? '25';
  const forks = Number(text);
  if (Number.isInteger(forks) && forks >= 1) return forks;
  throw new InvalidInput([
    {
      code: 'usage',
      message: `--forks wants a whole number of at least 1, not '${text}'`,
      hint: '--forks 25',
    },
  ]);
}
