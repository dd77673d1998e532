import { defineModule, file, pkg, restart, runningUnits, unit } from '../../engine/sdk.ts';

const UNIT = 'prometheus-node-exporter.service';

/** What it is for, in one sentence. This one provides metrics of a host to Prometheus. */
export default defineModule({
  name: 'my_module',
  summary: 'node_exporter, which provides metrics of the host to Prometheus',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      listen: {
        type: 'string',
        pattern: '^[\\w.:\\[\\]-]*:\\d+$',
        default: ':9100',
        description: 'Address and port to listen on; with only :PORT, all addresses',
      },
    },
  },
  example: "listen: ':9100'\n",
  desired: ({ args }) => [
    pkg({ name: 'prometheus-node-exporter' }),
    file({
      path: '/etc/default/prometheus-node-exporter',
      content: (now) => withListen(now, args.listen),
      onChange: [restart(UNIT)],
    }),
    unit({ name: UNIT, enabled: true, running: true }),
  ],
  health: () => [runningUnits({ id: 'my_module.unit', units: [{ name: UNIT }] })],
});

/** The file with our line of options, and everything else in it as it was. */
function withListen(text = '', listen = '') {
  const line = `ARGS="--web.listen-address=${listen}"`;
  return /^ARGS=.*$/m.test(text) ? text.replace(/^ARGS=.*$/m, line) : `${text}${line}\n`;
}
