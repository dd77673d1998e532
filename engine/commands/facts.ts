import { askThrough } from '../ask.ts';
import { InvalidInput, nearest } from '../errors.ts';
import { redactor } from '../report/redact.ts';
import { connect } from '../transport/connect.ts';
import { type Command, EXIT } from './command.ts';
import { labOptions } from './options.ts';
import { readLab, refuseMore } from './read_lab.ts';

/** What modules know of one host before they decide. */
export const facts: Command = {
  name: 'facts',
  summary: 'show the facts that the tasks of a host are decided by, as JSON',
  positionals: 'HOST [INVENTORY]',
  options: { playbook: labOptions.playbook, modules: labOptions.modules },
  async run(call, world) {
    refuseMore(call, 2);
    const [name, ...rest] = call.positionals;
    if (name === undefined) {
      throw new InvalidInput([
        { code: 'usage', message: 'which host?', hint: 'lava-play facts HOST [INVENTORY]' },
      ]);
    }
    const lab = await readLab({ ...call, positionals: rest }, world, { secrets: 'real' });
    const host = lab.inventory.hosts.get(name);
    if (!host) {
      const near = nearest(name, lab.inventory.hosts.keys());
      throw new InvalidInput([
        {
          code: 'unknown-host',
          message: `the inventory has no host '${name}'`,
          hint: near ? `did you mean '${near}'?` : 'lava-play inventory --graph shows the hosts',
        },
      ]);
    }
    const tasks = lab.plays.flatMap((play) => play.tasks.get(name) ?? []);
    const questions = tasks.flatMap((task) =>
      Object.entries(task.module.facts ?? {}).map(([fact, { probe, parse }]) => ({
        script: probe,
        user: task.becomeUser,
        task: task.label,
        resource: `fact ${fact}`,
        name: `${task.module.name}.${fact}`,
        parse,
      })),
    );
    const session = await connect(host.connection);
    try {
      const answers = await askThrough(session, name)(questions);
      const known = questions.map((question, i) => [
        question.name,
        question.parse(answers[i] ?? ''),
      ]);
      const text = JSON.stringify(Object.fromEntries(known), null, 2);
      world.write(`${redactor(lab.sensitive)(text)}\n`);
    } finally {
      await session.close();
    }
    return EXIT.done;
  },
};
