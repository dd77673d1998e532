import { defineModule, Refused, type Resource, sh } from '../../engine/sdk.ts';

/** What the two places say; `debian` is empty where there is no /etc/timezone. */
interface Zone {
  readonly link: string;
  readonly debian: string;
  readonly isKnown: boolean;
}

const ZONES = '/usr/share/zoneinfo';

/** The time zone of a host, as the module of Ansible wants it. */
export default defineModule({
  name: 'timezone',
  summary: 'The time zone of the host',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        pattern: '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$',
        description: 'Its name below /usr/share/zoneinfo, such as Europe/Berlin',
      },
    },
  },
  example: 'name: Etc/UTC\n',
  desired: ({ args: { name } }) => [zone(name)],
});

function zone(name: string): Resource<Zone> {
  return {
    id: 'time zone',
    probe: [
      'readlink /etc/localtime || echo',
      '{ [ -f /etc/timezone ] && head -n 1 /etc/timezone; } || echo',
      sh`if [ -f ${`${ZONES}/${name}`} ] || [ ! -d ${ZONES} ]; then echo known; fi`,
    ].join('\n'),
    parse(output) {
      const [link = '', debian = '', known = ''] = output.split('\n');
      return {
        link: link.replace(/^(\.\.|)\/usr\/share\/zoneinfo\//, ''),
        ...{ debian, isKnown: known === 'known' },
      };
    },
    change(now) {
      if (!now.isKnown) {
        throw new Refused(
          `the host knows no time zone ${name}`,
          'timedatectl list-timezones prints those it knows',
        );
      }
      const isRight = now.link === name && (now.debian === '' || now.debian === name);
      if (isRight) return undefined;
      return {
        before: `${now.link || 'none'}\n`,
        after: `${name}\n`,
        steps: [
          {
            title: `set the time zone ${name}`,
            script: [
              sh`ln -sfn ${`${ZONES}/${name}`} /etc/localtime.lava-play && mv -T /etc/localtime.lava-play /etc/localtime || exit 1`,
              sh`if [ -f /etc/timezone ]; then printf '%s\\n' ${name} >/etc/timezone; fi`,
            ].join('\n'),
          },
        ],
        next: { link: name, debian: now.debian === '' ? '' : name, isKnown: true },
      };
    },
  };
}
