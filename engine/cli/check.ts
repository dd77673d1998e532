import { healthPrometheus } from '../report/health_prometheus.ts';
import { healthText } from '../report/health_text.ts';
import { visibleJson } from '../report/visible.ts';
import { type Command, EXIT } from './command.ts';
import { healthExitCode, healthOptions, labHealth } from './lab_health.ts';
import { readLab, refuseMore } from './read_lab.ts';
import { writeWholeFile } from './write_whole_file.ts';

/** Is the lab healthy, and if not, why and what to do. */
export const check: Command = {
  name: 'check',
  summary: 'check the health of the lab, and report causes and fixes',
  positionals: '[INVENTORY]',
  details:
    'Changes nothing. Exits with 0 if no problem is found, 1 if there is one, 4 if the only problems are unreachable hosts.',
  options: {
    ...healthOptions,
    strict: { type: 'boolean', text: 'treat warnings as problems' },
    json: { type: 'boolean', text: 'everything as one JSON object' },
    prometheus: {
      type: 'string',
      value: 'FILE',
      text: "also write metrics for node_exporter's textfile collector",
    },
  },
  async run(call, world) {
    refuseMore(call, 1);
    const lab = await readLab(call, world, { secrets: 'real' });
    const health = await labHealth(lab, call, world, { drift: 'told' });
    if (world.stop.aborted) return EXIT.interrupted;
    const file = call.text('prometheus');
    if (file !== undefined)
      await writeWholeFile(
        file,
        healthPrometheus(health, world.program.extension.figures),
        '--prometheus',
      );
    world.write(
      call.flag('json')
        ? `${visibleJson(health, 2)}\n`
        : healthText(health, { colour: world.colour }),
    );
    return healthExitCode(health, { warnings: call.flag('strict') ? 'count' : 'pass' });
  },
};
