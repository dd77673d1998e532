import { formatWarning } from '../contract/errors.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { redactor } from '../script/redact.ts';
import { type Command, EXIT } from './command.ts';
import { labOptions } from './options.ts';
import { readLab, refuseMore } from './read_lab.ts';

/** Checks all files without touching a host or a secret. */
export const validate: Command = {
  name: 'validate',
  summary: 'check inventory, playbook and modules; makes no connections, reads no secrets',
  positionals: '[INVENTORY]',
  options: labOptions,
  async run(call, world) {
    refuseMore(call, 1);
    const { inventory, plays, warnings, sensitive } = await readLab(call, world, {
      secrets: 'placeholders',
      idle: 'refused',
    });
    for (const warning of warnings) {
      world.write(`${visible(redactor(sensitive)(formatWarning(warning)))}\n`);
    }
    const tasks = plays.flatMap(({ tasks }) => [...tasks.values()]).flat().length;
    const hosts = plural(inventory.hosts.size, 'host');
    world.write(
      `${inventory.file}: ${hosts}, ${plural(plays.length, 'play')}, ${plural(tasks, 'task')}: all right\n`,
    );
    return EXIT.done;
  },
};
