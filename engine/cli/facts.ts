import { InvalidInput } from '../contract/errors.ts';
import type { Host } from '../contract/inventory.ts';
import type { Fact, Survey } from '../contract/module.ts';
import type { Query } from '../contract/query.ts';
import type { Task } from '../contract/task.ts';
import { visible, visibleJson } from '../report/visible.ts';
import { redactor } from '../script/redact.ts';
import { connect } from '../transport/connect.ts';
import { queryThrough } from '../transport/query_through.ts';
import { type Call, type Command, EXIT } from './command.ts';
import { hostNamed } from './host_named.ts';
import { inventoryOptions, labOptions } from './options.ts';
import { type ReadLab, readLab, refuseMore, registryOf } from './read_lab.ts';
import { surveysOf, unlessMistyped } from './surveys.ts';

/** What modules know of one host before they decide, or what one of them can find out for a person. */
export const facts: Command = {
  name: 'facts',
  summary: 'show the facts that the plan of a host is based on, as JSON, or a survey of the host',
  positionals: 'HOST [SURVEY] [INVENTORY]',
  details: ({ modules }) =>
    [...surveysOf(modules)]
      .map(([name, { summary }]) => `\nThe survey ${name} shows ${summary}.`)
      .join(''),
  options: {
    json: { type: 'boolean', text: 'print the survey as JSON; facts are always JSON' },
    ...inventoryOptions,
    playbook: labOptions.playbook,
    modules: labOptions.modules,
  },
  async run(call, world) {
    const [name, ...rest] = call.positionals;
    if (name === undefined) {
      const hint = 'lava-play facts HOST [SURVEY] [INVENTORY]';
      throw new InvalidInput([{ code: 'usage', message: 'no host given', hint }]);
    }
    const registry = await registryOf(call, world);
    const surveys = surveysOf([...registry.values()]);
    const survey = surveys.get(rest[0] ?? '');
    refuseMore(call, survey ? 3 : 2);
    const positionals = survey ? rest.slice(1) : unlessMistyped(rest, surveys.keys());
    const lab = await readLab({ ...call, positionals }, world, { secrets: 'real' });
    const host = hostNamed(lab.inventory, name);
    const text = survey ? await surveyed(lab, host, survey, call) : await known(lab, host);
    world.write(visible(redactor(lab.sensitive)(text)));
    return EXIT.done;
  },
};

/** Questions to other hosts are not its facts; their answers may hold secrets of theirs. */
function ownFacts({ module }: Task): readonly (readonly [string, Fact])[] {
  return Object.entries(module.facts ?? {}).filter(([, fact]) => !('of' in fact));
}

async function known({ plays }: ReadLab, host: Host): Promise<string> {
  const tasks = plays.flatMap((play) => play.tasks.get(host.name) ?? []);
  const questions = tasks.flatMap((task) =>
    ownFacts(task).map(([fact, { probe, parse }]) => ({
      script: probe,
      user: task.becomeUser,
      task: task.label,
      resource: `fact ${fact}`,
      name: `${task.module.name}.${fact}`,
      parse,
    })),
  );
  const answers = await askOnce(host, questions);
  const all = questions.map(({ name, parse }, i) => [name, parse(answers[i] ?? '')]);
  return json(Object.fromEntries(all));
}

async function surveyed(
  { inventory }: ReadLab,
  { name, ...host }: Host,
  survey: Survey,
  call: Call,
): Promise<string> {
  const [output = ''] = await askOnce({ name, ...host }, [{ script: survey.probe }]);
  const view = inventory.lab.hosts[name];
  if (!view) throw new Error(`${name} is in no view of the lab`);
  const { text, data } = survey.report(output, { host: view, lab: inventory.lab });
  return call.flag('json') ? json(data) : text;
}

async function askOnce(
  { name, connection }: Host,
  questions: readonly Query[],
): Promise<readonly string[]> {
  const session = await connect(connection);
  try {
    return await queryThrough(session, name)(questions);
  } finally {
    await session.close();
  }
}

function json(data: unknown): string {
  return `${visibleJson(JSON.parse(JSON.stringify(data, withCollections) ?? 'null'), 2)}\n`;
}

/** JSON knows neither maps nor sets. */
function withCollections(_: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
}
