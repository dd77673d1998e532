import { flawsOf, type HealthQuery, type HostView, runningUnits } from '../../engine/sdk.ts';
import { HEARTBEAT_WAY, RECEIVER } from '../../lab/heartbeat/receiver.ts';
import {
  type MasterDatabase,
  parseAllowedHosts,
  parseDatabase,
  serverProbe,
  troubleOf,
} from '../../lab/master/database_probe.ts';
import { wholePrograms } from '../../lab/packages/whole_programs.ts';
import { siteEnabled } from './apache.ts';
import { certificateHealth } from './certificate_health.ts';
import { daemonLife } from './daemon_life.ts';
import type { Https } from './https.ts';
import { jobOutput } from './job_output.ts';
import { namesOf } from './settings_yaml.ts';

/** What can take the master away from everybody who talks to it. */
const TALKS = { kinds: ['lava_api', 'lava_worker'] } as const;

/** The same, and what reports to the receiver of heartbeats behind the same web server. */
const EVERYTHING = { kinds: [...TALKS.kinds, HEARTBEAT_WAY] } as const;

/** Nobody notices at once that these are gone: pages and pings are answered all the same. */
const SILENT = ['lava-scheduler.service', 'lava-publisher.service'];

/** Whether the master answers with what it knows, and does its work behind the pages that stay green without it. */
export function serverHealth(
  host: HostView,
  allowedHosts: readonly string[],
  https: Https,
): readonly HealthQuery[] {
  const { db } = (host.vars.lava ?? {}) as { readonly db?: { readonly server?: string } };
  const needs =
    db?.server === undefined ? {} : { towards: { kind: 'postgres' as const, host: db.server } };
  return [
    runningUnits({
      id: 'lava_server.daemons',
      units: [
        { name: 'apache2.service', breaks: EVERYTHING },
        { name: 'lava-server-gunicorn.service', breaks: TALKS, ...needs },
        ...SILENT.map((name) => ({ name, ...needs })),
        {
          name: RECEIVER.unit,
          towards: { kind: 'lava_api', host: host.name },
          breaks: { kinds: [HEARTBEAT_WAY] },
        },
      ],
    }),
    flawsOf(siteEnabled(https), {
      id: 'lava_server.site',
      otherwise: {
        what: "apache2 does not serve LAVA's site as it should",
        fix: 'lava-play apply',
      },
      subject: 'site of LAVA',
      breaks: EVERYTHING,
    }),
    {
      id: 'lava_server.database',
      probe: serverProbe(),
      judge(output) {
        const state = parseDatabase(output);
        const trouble = troubleOf(state);
        if (trouble === undefined) return [];
        return [
          {
            severity: 'problem',
            what: 'the master cannot use its database',
            evidence: trouble,
            fix: FIXES[state.kind],
            subject: 'database of LAVA',
            breaks: EVERYTHING,
            ...(state.kind === 'no answer' && {
              towards: { kind: 'postgres', host: state.server.replace(/:\d+$/, '') },
            }),
          },
        ];
      },
      things(output) {
        const state = parseDatabase(output);
        const trouble = troubleOf(state);
        const version = state.kind === 'answered' ? state.version : undefined;
        return [
          {
            ...{ kind: 'server', name: 'lava-server' },
            state: trouble === undefined ? 'has its database' : 'cannot work',
            status: trouble === undefined ? 'good' : 'bad',
            ...(trouble !== undefined && { details: { because: trouble } }),
            ...(version !== undefined && { details: { version } }),
          },
        ];
      },
    },
    {
      id: 'lava_server.allowed-hosts',
      probe: serverProbe(),
      judge(output) {
        const allowed = parseAllowedHosts(output);
        const strange = namesOf(host, allowedHosts).filter(
          (name) => allowed && !isAllowed(name, allowed),
        );
        if (strange.length === 0) return [];
        return [
          {
            severity: 'problem',
            what: `lava-server rejects requests to ${strange.join(' or ')}: 400 Bad Request`,
            evidence: `ALLOWED_HOSTS: ${JSON.stringify(allowed)}`,
            fix: 'lava-play apply; later files in /etc/lava-server/settings.d take precedence',
            subject: 'ALLOWED_HOSTS',
            breaks: EVERYTHING,
          },
        ];
      },
    },
    jobOutput,
    wholePrograms('lava_server.programs', ['lava-server', 'lava-common'], {
      what: 'programs of lava-server are gone',
    }),
    ...daemonLife(needs),
    ...certificateHealth(https, host.address),
  ];
}

/** Django documentation, ALLOWED_HOSTS: `*` is everything, a dot at the beginning all names that end so. */
function isAllowed(name: string, allowed: readonly string[]): boolean {
  const called = name.toLowerCase();
  return allowed.some((each) => {
    const pattern = each.toLowerCase();
    if (pattern === '*' || pattern === called) return true;
    return pattern.startsWith('.') && (called.endsWith(pattern) || called === pattern.slice(1));
  });
}

const FIXES: Readonly<Record<MasterDatabase['kind'], string>> = {
  answered: '',
  'not installed': 'lava-play apply',
  'no settings': 'lava-play apply',
  'unreadable settings':
    'fix that file, or remove it if it is not yours: lava-server cannot start again with it',
  'not migrated': 'lava-play apply creates the tables; or: lava-server manage migrate',
  'no answer': 'check the database host: lava-play check shows more about it',
};
