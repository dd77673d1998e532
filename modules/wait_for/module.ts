import { action, defineModule, Refused } from '../../engine/sdk.ts';
import { waiting } from './waiting.ts';

/** Waits for a port or a file, as the module of Ansible does. */
export default defineModule({
  name: 'wait_for',
  summary: 'Waits on the host until a port or a file is there, or is gone',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      host: {
        type: 'string',
        pattern: '^[\\w.:-]+$',
        default: '127.0.0.1',
        description: 'Whose port it is',
      },
      port: { type: 'integer', minimum: 1, maximum: 65535, description: 'A TCP port' },
      path: { type: 'string', pattern: '^/.', description: 'A file on the host' },
      state: {
        type: 'string',
        enum: ['started', 'present', 'stopped', 'absent'],
        default: 'started',
        description: 'started and present are the same, and so are stopped and absent',
      },
      search_regex: {
        type: 'string',
        minLength: 1,
        description: 'What the file, or what the port says first, must match: grep -E',
      },
      timeout: { type: 'integer', minimum: 0, default: 300, description: 'Seconds' },
      delay: {
        type: 'integer',
        minimum: 0,
        default: 0,
        description: 'Seconds before the first look',
      },
      sleep: { type: 'integer', minimum: 1, default: 1, description: 'Seconds between two looks' },
      connect_timeout: { type: 'integer', minimum: 1, default: 5, description: 'Seconds' },
      msg: { type: 'string', minLength: 1, description: 'What the failure says' },
    },
  },
  example: 'port: 5432\ntimeout: 60\n',
  desired({ args }) {
    const { host, port, path, state } = args;
    if (port !== undefined && path !== undefined) {
      throw new Refused('wait_for waits for a port or for a path, not for both');
    }
    const isOver = state === 'stopped' || state === 'absent';
    const thing =
      port !== undefined ? `port ${port} of ${host}` : path !== undefined ? path : undefined;
    const words =
      thing === undefined ? `${args.timeout} seconds` : thing + (isOver ? ' to go' : '');
    return [
      action({
        id: `wait for ${words}`,
        script: waiting({ ...args, isOver, words }),
        display: `at most ${args.timeout} seconds`,
        changed: () => false,
        result: ({ rc, stdout }) => ({
          ...{ rc, state, elapsed: Number(/^elapsed (\d+)$/m.exec(stdout)?.[1] ?? args.timeout) },
          ...(port !== undefined && { port }),
          ...(path !== undefined && { path }),
        }),
      }),
    ];
  },
});
