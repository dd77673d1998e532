import type { RunOptions, RunResult } from '../apply/options.ts';
import { run } from '../apply/run.ts';
import { redacting } from '../events/redacting.ts';
import { jsonReporter } from '../report/json.ts';
import { plainReporter } from '../report/plain.ts';
import type { Reporter } from '../report/reporter.ts';
import { redactor } from '../script/redact.ts';
import { connect } from '../transport/connect.ts';
import { type Call, EXIT, type OptionSpec, STACKS, type World } from './command.ts';
import { isListing, listOptions } from './listing.ts';
import { forksOption, labOptions } from './options.ts';
import type { ReadLab } from './read_lab.ts';

/** Options of every command that plans changes. */
export const planOptions = {
  ...labOptions,
  'start-at-task': {
    type: 'string',
    value: 'NAME',
    text: 'begin with the first task of this name (a glob), and leave out those before it',
  },
  ...listOptions,
  forks: forksOption('run'),
  diff: {
    type: 'boolean',
    short: 'D',
    text: 'show the diffs of the changes, which is the default',
  },
  'no-diff': { type: 'boolean', text: 'list the changes without their diffs' },
  'detailed-exitcode': {
    type: 'boolean',
    text: 'exit a dry run with 3 if there is something to change',
  },
  kick: {
    type: 'boolean',
    text: 'do not wait until consoles and mounts are idle: disconnect their users',
  },
  json: { type: 'boolean', text: 'one JSON object per line (schema/events.schema.json)' },
  verbose: { type: 'boolean', short: 'v', text: 'show every step and its output' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** What a command that makes changes may be told besides. */
export const applyOptions = {
  ...planOptions,
  'dry-run': {
    type: 'boolean',
    short: 'n',
    text: 'stop after the diffs, without changing anything',
  },
  check: { type: 'boolean', short: 'C', text: 'the same, as Ansible calls it' },
  yes: { type: 'boolean', short: 'y', text: 'do not ask for confirmation' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** A run that changes hosts must end in order although nobody reads what it says. */
export function whenUnread(call: Call): 'stop' | 'leave' {
  return isDryRun(call) ? 'leave' : 'stop';
}

/** Whether an apply stops before it changes anything. */
export function isDryRun(call: Call): boolean {
  return call.flag('dry-run') || call.flag('check') || isListing(call);
}

export type HowToRun = Pick<RunOptions, 'mode' | 'forks' | 'proofs'>;

/** Plans a lab that was read, applies it unless it is a dry run, reports all that happens, and gives the exit code. */
export async function runLab(
  lab: ReadLab,
  call: Call,
  world: World,
  how: HowToRun,
): Promise<number> {
  return (await runAndTell(lab, call, world, how)).exitCode;
}

/** `runLab`, for who has more to say of what happened. */
export async function runAndTell(
  lab: ReadLab,
  call: Call,
  world: World,
  { mode, forks, proofs }: HowToRun,
): Promise<RunResult & { readonly exitCode: number }> {
  const started = performance.now();
  const reporter = await reporterFor(call, world);
  const redact = redactor(lab.sensitive);
  const report = redacting(reporter.report, redact);
  for (const warning of lab.warnings) report({ type: 'warning', warning });
  const onStop = () => report({ type: 'interrupted', message: STOP_MESSAGES[mode] });
  world.stop.addEventListener('abort', onStop, { once: true });
  const result = await run({
    mode,
    inventory: lab.inventory,
    plays: lab.plays,
    playbook: lab.playbookFile,
    forks,
    connect,
    trialKinds: world.program.extension.trialKinds,
    report,
    redact,
    confirm: confirmation(call, world, reporter),
    stop: world.stop,
    operator: world.operator,
    inUse: call.flag('kick') ? 'kick' : 'wait',
    stacks: call.flag('verbose') || world.environment.variable(STACKS) ? 'shown' : 'hidden',
    ...(proofs && { proofs }),
  });
  world.stop.removeEventListener('abort', onStop);
  const exitCode = exitCodeOf(result, mode, call);
  const seconds = (performance.now() - started) / 1000;
  report({ type: 'run-finished', mode, hosts: result.hosts, seconds, exitCode });
  await reporter.settled();
  return { ...result, exitCode };
}

const STOP_MESSAGES: Readonly<Record<HowToRun['mode'], string>> = {
  apply: 'Stopping after the running steps. Press Ctrl-C again to stop at once.',
  'dry run': 'Stopping without waiting for any host; none was changed.',
};

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

/** Who is asked before hosts are changed: nobody without a terminal, nor where the command line says yes. */
export function confirmation(call: Call, world: World, reporter: Reporter): () => Promise<boolean> {
  const { ask, terminal } = world;
  if (!ask || !terminal || call.flag('yes') || call.flag('json')) return async () => true;
  return async () => {
    await reporter.settled();
    const answer = await ask('Make these changes? [y/N] ', 'shown');
    return /^y(es)?$/i.test(answer.trim());
  };
}

/** How the program ends: a stop comes before failures, failures before hosts that cannot be reached. */
export function exitCodeOf(
  { hosts, end }: Pick<RunResult, 'hosts' | 'end'>,
  mode: 'apply' | 'dry run',
  call: Call,
): number {
  const outcomes = new Set(hosts.map(({ outcome }) => outcome));
  if (end === 'interrupted') return EXIT.interrupted;
  if (outcomes.has('failed')) return EXIT.failed;
  if (outcomes.has('unreachable')) return EXIT.unreachable;
  if (end === 'declined') return EXIT.failed;
  const isLeft = hosts.some(({ outcome, deferred }) => outcome === 'would change' || deferred > 0);
  const pending = mode === 'dry run' && isLeft;
  return pending && call.flag('detailed-exitcode') ? EXIT.changesPending : EXIT.done;
}
