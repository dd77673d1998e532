import { action, defineModule, printText } from '../../engine/sdk.ts';

/** Shows a text, or the value of a variable, as Ansible's module of this name does. */
export default defineModule({
  name: 'debug',
  summary: 'shows a text or the value of a variable while the play runs',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      msg: { description: 'What to show: a text, or any value' },
      var: { description: 'The variable or expression of which the value is shown' },
      verbosity: { type: 'integer', minimum: 0, default: 0, description: 'Accepted and ignored' },
    },
  },
  expressions: ['var'],
  example: 'msg: "the master is {{ groups.master.[0] }}"\n',
  desired({ args: { msg, var: value } }) {
    const shown = msg ?? value ?? 'Hello world!';
    const text = typeof shown === 'string' ? shown : JSON.stringify(shown, null, 2);
    return [
      action({
        id: 'debug',
        display: text,
        script: printText(text),
        harmless: true,
        changed: () => false,
        result: () => ({ msg: shown }),
      }),
    ];
  },
});
