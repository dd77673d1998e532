import { action, defineModule, Refused, type Resource, sh, unit } from '../../engine/sdk.ts';

/** A unit of systemd, as the modules of Ansible want it. */
export default defineModule({
  name: 'systemd',
  aliases: ['systemd_service', 'service'],
  summary: 'A unit of systemd: whether it runs, and whether it starts with the host',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: {
        type: 'string',
        pattern: '^[\\w:.@\\\\-]+$',
        description: 'The unit; .service may be left out',
      },
      state: {
        type: 'string',
        enum: ['started', 'stopped', 'restarted', 'reloaded'],
        description: 'restarted and reloaded are done in each run',
      },
      enabled: { type: 'boolean', description: 'Whether it starts with the host' },
      masked: { type: 'boolean', description: 'Whether every start is forbidden' },
      daemon_reload: {
        type: 'boolean',
        default: false,
        description: 'Makes systemd read its unit files again',
      },
      daemon_reexec: { type: 'boolean', default: false, description: 'Starts systemd itself anew' },
      no_block: {
        type: 'boolean',
        default: false,
        description: 'Whether restarted and reloaded only ask for it and do not wait',
      },
      scope: {
        type: 'string',
        enum: ['system', 'user', 'global'],
        default: 'system',
        description: 'Units of the system, the only ones that are supported',
      },
    },
  },
  example: 'name: ser2net\nstate: started\nenabled: true\n',
  desired({ args }) {
    const { name, state, enabled, masked, scope } = args;
    if (scope !== 'system') {
      throw new Refused(
        `units of the scope '${scope}' are not supported`,
        'use command with systemctl --user, become_user and unless',
      );
    }
    if (name === undefined && [state, enabled, masked].some((wanted) => wanted !== undefined)) {
      throw new Refused('systemd needs the name of a unit');
    }
    const resources: Resource[] = [];
    if (args.daemon_reexec) resources.push(manager('daemon-reexec'));
    if (args.daemon_reload) resources.push(manager('daemon-reload'));
    if (name !== undefined) {
      const running = { started: true, stopped: false, restarted: undefined, reloaded: undefined };
      const isUp = state && running[state];
      resources.push(
        unit({
          name,
          ...(enabled !== undefined && { enabled }),
          ...(masked !== undefined && { masked }),
          ...(isUp !== undefined && { running: isUp }),
        }),
      );
      if (state === 'restarted' || state === 'reloaded')
        resources.push(again(name, state, args.no_block));
    }
    if (resources.length === 0) throw new Refused('systemd has nothing to do', 'give it a name');
    return resources;
  },
});

function manager(verb: 'daemon-reload' | 'daemon-reexec'): Resource {
  return action({
    id: `run systemctl ${verb}`,
    script: `systemctl ${verb}`,
    display: `systemctl ${verb}`,
    changed: () => false,
  });
}

/** A unit that is asked to read its configuration again is started where it does not run, as Ansible does. */
function again(name: string, state: 'restarted' | 'reloaded', noBlock: boolean): Resource {
  const full = /\.[a-z]+$/.test(name) ? name : `${name}.service`;
  const flags = noBlock ? ['--no-block'] : [];
  const verb = state === 'restarted' ? 'restart' : 'reload';
  return action({
    id: `run systemctl ${verb} ${full}`,
    script:
      verb === 'restart'
        ? sh`systemctl restart ${flags} -- ${full}`
        : sh`if systemctl is-active --quiet -- ${full}; then systemctl reload ${flags} -- ${full}; else systemctl start ${flags} -- ${full}; fi`,
    display: `systemctl ${verb} ${full}`,
    settles: verb === 'restart' ? [`restart ${full}`, `reload ${full}`] : [`reload ${full}`],
  });
}
