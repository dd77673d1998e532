import { action, defineModule, printText, type Resource } from '../../engine/sdk.ts';

/** Ends the work on a host unless some conditions hold, as Ansible's module of this name does. */
export default defineModule({
  name: 'assert',
  summary: 'ends the work on the host unless all conditions hold',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['that'],
    properties: {
      that: {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
        ],
        description: 'A condition, or a list of which all must hold',
      },
      fail_msg: { type: 'string', description: 'What is said when one does not hold' },
      msg: { type: 'string', description: 'The same' },
      success_msg: { type: 'string', description: 'Accepted; nothing is said of success' },
      quiet: { type: 'boolean', description: 'Accepted; nothing is said of success' },
    },
  },
  example: 'that: lava.layout == "debian"\n',
  conditions: ['that'],
  desired({ args, held }): readonly Resource[] {
    const broken = [args.that].flat().filter((_, i) => held?.that?.[i] === false);
    if (broken.length === 0) return [];
    const msg = args.fail_msg ?? args.msg ?? `this does not hold: ${broken.join('; ')}`;
    return [
      action({
        id: 'assert',
        harmless: true,
        display: `fails: ${msg}`,
        script: `{ ${printText(msg)}} >&2\nexit 1`,
        result: () => ({ msg, assertion: broken[0] }),
      }),
    ];
  },
});
