import type { LabHealth } from '../contract/finding.ts';
import { type CheckOptions, checkLab } from '../health/check_lab.ts';
import { selectHosts } from '../read/inventory/pattern.ts';
import { countOf } from '../report/health_text.ts';
import { redacted, redactor } from '../script/redact.ts';
import { connect } from '../transport/connect.ts';
import { type Call, EXIT, type OptionSpec, STACKS, type World } from './command.ts';
import { forksOf, forksOption, labOptions } from './options.ts';
import type { ReadLab } from './read_lab.ts';

/** Options of every command that asks hosts how they are. */
export const healthOptions = {
  ...labOptions,
  forks: forksOption('check'),
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Asks the hosts of a lab how they are, and shows how far it is where somebody watches; without secrets. */
export async function labHealth(
  { inventory, plays, sensitive }: ReadLab,
  call: Call,
  world: World,
  {
    progress = 'shown',
    drift = 'left',
  }: { readonly progress?: 'shown' | 'hidden' } & Pick<CheckOptions, 'drift'> = {},
): Promise<LabHealth> {
  const limit = call.text('limit');
  const isShown = world.terminal !== undefined && progress === 'shown';
  const onHost: CheckOptions['onHost'] = isShown
    ? (_, { done, all }) => world.writeError(`\r${done} of ${all} hosts queried`)
    : undefined;
  const health = await checkLab({
    inventory,
    plays,
    hosts: limit === undefined ? [...inventory.hosts.keys()] : selectHosts(limit, inventory),
    forks: forksOf(call, 'check'),
    connect,
    extension: world.program.extension,
    stop: world.stop,
    drift,
    stacks: world.environment.variable(STACKS) ? 'shown' : 'hidden',
    onHost,
  }).finally(() => isShown && world.writeError('\r\x1b[K'));
  return redacted(health, redactor(sensitive));
}

/** 0 without problems, 1 with one, 4 when the only ones are hosts that cannot be reached. */
export function healthExitCode(
  { hosts }: LabHealth,
  { warnings = 'pass' }: { readonly warnings?: 'pass' | 'count' } = {},
): number {
  const unreachable = hosts.filter(({ state }) => state === 'unreachable');
  const others = hosts.filter(({ state }) => state !== 'unreachable');
  const counted =
    countOf(others, 'problem') + (warnings === 'count' ? countOf(others, 'warning') : 0);
  if (counted > 0) return EXIT.failed;
  return unreachable.length > 0 ? EXIT.unreachable : EXIT.done;
}
