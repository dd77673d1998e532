import { unlockHosts } from '../apply/unlock.ts';
import { InvalidInput } from '../contract/errors.ts';
import type { Host } from '../contract/inventory.ts';
import { redacting } from '../events/redacting.ts';
import { selectHosts } from '../read/inventory/pattern.ts';
import { jsonReporter } from '../report/json.ts';
import { plainReporter } from '../report/plain.ts';
import { redactor } from '../script/redact.ts';
import { connect } from '../transport/connect.ts';
import { type Call, type Command, EXIT, STACKS } from './command.ts';
import { forksOf, forksOption, inventoryOptions, labOptions } from './options.ts';
import { readLab } from './read_lab.ts';

/** Takes away the locks of runs that are gone. */
export const unlock: Command = {
  name: 'unlock',
  summary: 'show who holds the locks of hosts, and remove those whose holder is gone',
  positionals: 'HOST... [INVENTORY]',
  details:
    'Refuses while the run that holds the lock, or a step that it left, is alive on the host: wait, or end that process first.\n' +
    'An apply takes over stale locks without this command. HOST may be a pattern, as for --limit; an argument that contains `/` or\n' +
    'ends in .yaml or .yml is the inventory.',
  options: {
    ...inventoryOptions,
    playbook: labOptions.playbook,
    modules: labOptions.modules,
    forks: forksOption('run'),
    json: { type: 'boolean', text: 'one JSON object per line (schema/events.schema.json)' },
  },
  async run(call, world) {
    const { patterns, positionals } = apart(call);
    const forks = forksOf(call, 'run');
    const { inventory, sensitive } = await readLab({ ...call, positionals }, world, {
      secrets: 'real',
    });
    const names = selectHosts(patterns.join(','), inventory);
    const { report } = call.flag('json')
      ? jsonReporter(world.write)
      : plainReporter(world.write, { colour: world.colour, diff: 'hide', detail: 'normal' });
    const endings = await unlockHosts({
      hosts: names.map((name) => inventory.hosts.get(name)).filter((host): host is Host => !!host),
      forks,
      connect,
      report: redacting(report, redactor(sensitive)),
      stop: world.stop,
      operator: world.operator,
      stacks: world.environment.variable(STACKS) ? 'shown' : 'hidden',
    });
    const outcomes = new Set(endings.values());
    if (outcomes.has('interrupted')) return EXIT.interrupted;
    if (outcomes.has('failed')) return EXIT.failed;
    return outcomes.has('unreachable') ? EXIT.unreachable : EXIT.done;
  },
};

/** The hosts that a command line names, and the inventory, if it names one. */
function apart({ positionals }: Call): {
  readonly patterns: readonly string[];
  readonly positionals: readonly string[];
} {
  const isFile = (word: string): boolean => !word.startsWith('@') && /\/|\.ya?ml$/.test(word);
  const patterns = positionals.filter((word) => !isFile(word));
  const files = positionals.filter(isFile);
  if (patterns.length > 0 && files.length < 2) return { patterns, positionals: files };
  const message = patterns.length === 0 ? 'no host given' : `two inventories: ${files.join(', ')}`;
  const hint = 'lava-play unlock HOST... [INVENTORY]';
  throw new InvalidInput([{ code: 'usage', message, hint }]);
}
