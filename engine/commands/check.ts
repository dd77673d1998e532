import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidInput } from '../errors.ts';
import { type CheckOptions, checkLab } from '../health/check_lab.ts';
import type { LabHealth } from '../health/finding.ts';
import { selectHosts } from '../inventory/pattern.ts';
import { healthPrometheus } from '../report/health_prometheus.ts';
import { countOf, healthText } from '../report/health_text.ts';
import { redacted, redactor } from '../report/redact.ts';
import { connect } from '../transport/connect.ts';
import { type Call, type Command, EXIT, type World } from './command.ts';
import { forksOf, labOptions } from './options.ts';
import { type ReadLab, readLab, refuseMore } from './read_lab.ts';

/** Is the lab healthy, and if not, why and what to do. */
export const check: Command = {
  name: 'check',
  summary: 'look whether the lab is healthy, and if not, say why and what to do',
  positionals: '[INVENTORY]',
  details:
    'Changes nothing. Exits with 0 when no problem is found, 1 when there is one, 4 when the only problem is a host that cannot be reached.',
  options: {
    ...labOptions,
    forks: {
      type: 'string',
      short: 'f',
      value: 'N',
      text: 'how many hosts to ask at a time (default 32)',
    },
    strict: { type: 'boolean', text: 'warnings count as problems' },
    json: { type: 'boolean', text: 'everything as one JSON object' },
    prometheus: {
      type: 'string',
      value: 'FILE',
      text: "also write metrics for node_exporter's textfile collector",
    },
  },
  async run(call, world) {
    refuseMore(call, 1);
    const forks = forksOf(call, 32);
    const lab = await readLab(call, world, { secrets: 'real' });
    const health = redacted(await healthOf(lab, call, world, forks), redactor(lab.sensitive));
    if (world.stop.aborted) return EXIT.interrupted;
    const file = call.text('prometheus');
    if (file !== undefined) await replaceFile(file, healthPrometheus(health));
    world.write(
      call.flag('json')
        ? `${JSON.stringify(health, null, 2)}\n`
        : healthText(health, { colour: world.colour }),
    );
    return exitCodeOf(health, call);
  },
};

/** Asks the hosts of a lab how they are. */
function healthOf(
  { inventory, plays }: ReadLab,
  call: Call,
  world: World,
  forks: number,
): Promise<LabHealth> {
  const limit = call.text('limit');
  return checkLab({
    inventory,
    plays,
    hosts: limit === undefined ? [...inventory.hosts.keys()] : selectHosts(limit, inventory),
    forks,
    connect,
    stop: world.stop,
    onHost: progressOn(world),
  }).finally(() => world.terminal && world.writeError('\r\x1b[K'));
}

/** One line that counts, where somebody watches. */
function progressOn({ terminal, writeError }: World): CheckOptions['onHost'] {
  if (!terminal) return undefined;
  return (_, { done, all }) => writeError(`\r${done} of ${all} hosts asked`);
}

function exitCodeOf({ hosts }: LabHealth, call: Call): number {
  const unreachable = hosts.filter(({ state }) => state === 'unreachable');
  const others = hosts.filter(({ state }) => state !== 'unreachable');
  const isStrict = call.flag('strict');
  if (countOf(others, 'problem') + (isStrict ? countOf(others, 'warning') : 0) > 0) {
    return EXIT.failed;
  }
  return unreachable.length > 0 ? EXIT.unreachable : EXIT.done;
}

/** A reader finds the old text or the new one, never half of it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.lava-play-${process.pid}.tmp`);
  try {
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidInput([
      {
        code: 'not-written',
        message: `--prometheus ${path}: ${reason}`,
        hint: 'name a file in a folder that exists and that you may write to',
      },
    ]);
  }
}
