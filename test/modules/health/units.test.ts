import { describe, expect, test } from 'vitest';
import server from '../../../modules/lava_server/module.ts';
import agent from '../../../modules/lava_worker_agent/module.ts';
import proxy from '../../../modules/proxy/module.ts';
import share from '../../../modules/sshfs_share/module.ts';
import tunnel from '../../../modules/tunnel/module.ts';
import { findingsOf, labWith, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

/** What `systemctl show` prints of a unit (systemd 252). */
function unit(name: string, active = 'active', sub = 'running', words = ''): string {
  const last = words === '' ? '' : `Words=${words}\n`;
  return `Id=${name}\nLoadState=loaded\nActiveState=${active}\nSubState=${sub}\n${last}\n`;
}

const TO = {
  ...{ through: 'gate', address: '192.0.2.10' },
  forwards: { database: { listen: 15432, host: '192.0.2.11', port: 5432 } },
};

const CASES = [
  [server, {}, 'lava_server.daemons', 'apache2.service'],
  [server, {}, 'lava_server.daemons', 'lava-server-gunicorn.service'],
  [server, {}, 'lava_server.daemons', 'lava-scheduler.service'],
  [server, {}, 'lava_server.daemons', 'lava-publisher.service'],
  [agent, {}, 'lava_worker_agent.service', 'lava-worker.service'],
  [proxy, {}, 'proxy.service', 'squid.service'],
  [tunnel, { to: TO }, 'tunnel.service', 'lava-tunnel.service'],
  [
    share,
    { folder: '/srv/media' },
    'sshfs_share.folder',
    'run-lava\\x2dshare-lavashare-srv-media.mount',
  ],
] as const;

describe.each(CASES)('%#: a unit', (module, args, id, name) => {
  const questions = queriesOf(module, args);
  const told = (output: string): readonly string[] =>
    findingsOf(questions, { [id]: output }).map(([of, finding]) => lineOf(of, finding));

  test(`${name}: running, starting, and on a host without systemd`, () => {
    expect(told(unit(name))).toEqual([]);
    expect(told(unit(name, 'activating', 'start'))).toEqual([]);
    expect(told('')).toEqual([]);
  });

  test(`${name}: stopped, failed with its last words, and waiting for its next try`, () => {
    expect(told(unit(name, 'inactive', 'dead'))).toEqual([
      `problem ${id} [unit ${name}] ${name} is not running | ${name}: inactive (dead)`,
    ]);
    expect(told(unit(name, 'failed', 'failed', 'address in use'))[0]).toMatch(/\naddress in use$/);
    expect(told(unit(name, 'activating', 'auto-restart'))).toHaveLength(1);
  });

  test(`${name}: not installed`, () => {
    const absent = unit(name, 'inactive', 'dead').replace('loaded', 'not-found');
    expect(told(absent)).toEqual([
      `problem ${id} [unit ${name}] ${name} is not installed | ${name}: not-found`,
    ]);
  });
});

test('what is not installed together is told together, and is the consequence of nothing', () => {
  const id = 'lava_server.daemons';
  const names = ['apache2.service', 'lava-scheduler.service'];
  const output = names.map((name) => unit(name, 'inactive', 'dead')).join('');
  const found = findingsOf(queriesOf(server, {}), {
    [id]: output.replaceAll('loaded', 'not-found'),
  });
  expect(found.map(([, { what, towards, breaks }]) => [what, towards, breaks?.kinds])).toEqual([
    [`${names.join(', ')} are not installed`, undefined, ['lava_api', 'lava_worker', 'heartbeat']],
  ]);
});

test('a daemon, a proxy and a tunnel are shown with their states', () => {
  const lab = labWith({ here: ['workers'] });
  const shown = (module: typeof agent | typeof proxy | typeof tunnel, args: object, id: string) => {
    const name = CASES.find(([each]) => each === module)?.[3] ?? '';
    const questions = queriesOf(module, args, lab);
    return ['active', 'failed'].map((active) =>
      thingsOf(questions, { [id]: unit(name, active, active) }).map(
        ({ kind, state, status }) => `${kind} ${state} ${status}`,
      ),
    );
  };
  expect(shown(agent, {}, 'lava_worker_agent.service')).toEqual([
    ['agent active good'],
    ['agent failed bad'],
  ]);
  expect(shown(proxy, {}, 'proxy.service')).toEqual([['proxy running good'], ['proxy down bad']]);
  expect(shown(tunnel, { to: TO }, 'tunnel.service')).toEqual([
    ['tunnel up good'],
    ['tunnel down bad'],
  ]);
});

test('servers for boards are only missed where somebody has switched them on', () => {
  const id = 'lava_worker_agent.board-side';
  const questions = queriesOf(agent, {});
  const told = (file: string, active = 'failed'): readonly string[] =>
    findingsOf(questions, {
      [id]: unit('tftpd-hpa.service', active, active).replace(
        '\n\n',
        `\nUnitFileState=${file}\n\n`,
      ),
    }).map(([of, finding]) => lineOf(of, finding));
  expect(told('generated')).toEqual([
    `problem ${id} [unit tftpd-hpa.service] tftpd-hpa.service is not running | tftpd-hpa.service: failed (failed)`,
  ]);
  expect(told('enabled')).toHaveLength(1);
  expect(told('disabled')).toEqual([]);
  expect(told('')).toEqual([]);
  expect(told('enabled', 'active')).toEqual([]);
});

test('a host without a tunnel and a worker that is to go are asked nothing', () => {
  expect(queriesOf(tunnel, {})).toEqual([]);
  expect(queriesOf(agent, { state: 'absent' })).toEqual([]);
});
