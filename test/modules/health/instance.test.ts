import { spawn } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import module from '../../../modules/write_instance_conf/module.ts';
import { eventually } from '../../support/eventually.ts';
import { findingsOf, labWith, lineOf, queriesOf } from '../../support/health.ts';
import { testHost } from '../../support/run_resource.ts';

const lab = labWith({ here: ['workers'], master: ['master'] });
const db = { name: 'lava', user: 'lava', password: 'Passw0rd!', server: '192.0.2.99' };
const worker = { layout: 'instance', role: 'worker', instance: 'lab', db, master: '192.0.2.11' };
const ETC = '/srv/lava/instances/lab/etc/lava-server';

const CONF = `LAVA_CONFIG_VERSION='7'
LAVA_PREFIX='/srv/lava/instances'
LAVA_INSTANCE='lab'
LAVA_DB_NAME='lava'
LAVA_DB_USER='lava'
LAVA_DB_SERVER="192.0.2.99"  # the database
LAVA_DB_PORT='5432'
LAVA_DB_PASSWORD='Passw0rd!'
LAVA_SERVER_IP='192.0.2.10'
LAVA_PROXY=''
`;

const FILES: Readonly<Record<string, string>> = {
  [`${ETC}/instance.conf`]: CONF,
  [`${ETC}/default_database.conf`]:
    "dbuser='lava'\ndbpass='Passw0rd!'\nbasepath=''\ndbname='lava'\ndbserver='192.0.2.99'\ndbport=''\ndbtype='pgsql'\n",
  [`${ETC}/worker.conf`]: "HEARTBEAT_TIMEOUT='300'\n",
  '/srv/lava/instances/lab/etc/lava-dispatcher/lava-dispatcher.conf':
    'LAVA_SERVER_IP = 192.0.2.10\nLAVA_PROXY =\n',
  '/etc/lava-coordinator/lava-coordinator.conf':
    '{"port": 3079, "coordinator_hostname": "192.0.2.11"}',
};

/** What is told of a worker of which one file is other than it should be. */
function told(file: string, text: string | undefined, args: object = worker): readonly string[] {
  const path = Object.keys(FILES).find((each) => each.endsWith(file)) ?? file;
  const lines = Object.entries({ ...FILES, [path]: text }).map(([each, content]) =>
    content === undefined
      ? ''
      : `file ${each} 640 root lava-lab ${Buffer.from(content).toString('base64')}\n`,
  );
  const output = `${lines.join('')}address lo 127.0.0.1\naddress eth0 192.0.2.10\n`;
  const questions = queriesOf(module, args, lab);
  const answers = Object.fromEntries(questions.map(({ id }) => [id, output]));
  return findingsOf(questions, answers).map(([id, finding]) => lineOf(id, finding));
}

const conf = (from: string | RegExp, to: string): readonly string[] =>
  told('instance.conf', CONF.replace(from, to));

test('a healthy worker; quotes of both kinds, comments and an empty port are fine', () => {
  expect(told('none', undefined)).toEqual([]);
});

test.each([
  ["LAVA_DB_NAME = 'lava'"],
  ["export LAVA_DB_NAME='lava'"],
  [" LAVA_DB_NAME='lava'"],
  ["LAVA_DB_NAME='lava';"],
  ["LAVA_DB_NAME='la'va'"],
  ['LAVA_DB_NAME=lava'],
])('lava-server passes over %j', (line) => {
  expect(conf("LAVA_DB_NAME='lava'", line)).toEqual([
    `problem write_instance_conf.syntax [LAVA_DB_NAME of instance.conf] lava-server silently ignores the line of LAVA_DB_NAME | ${ETC}/instance.conf:4: ${line.trim()}`,
  ]);
});

test.each<[string, readonly string[], readonly string[]]>([
  [
    'a key that no server needs',
    conf("LAVA_CONFIG_VERSION='7'", 'LAVA_CONFIG_VERSION=7'),
    [
      `warning write_instance_conf.syntax [LAVA_CONFIG_VERSION of instance.conf] lava-server silently ignores the line of LAVA_CONFIG_VERSION | ${ETC}/instance.conf:1: LAVA_CONFIG_VERSION=7`,
    ],
  ],
  [
    'a value that a shell expands',
    conf("LAVA_PROXY=''", 'LAVA_PROXY=""\nLAVA_DEV_MODE="a$b"'),
    [
      `warning write_instance_conf.syntax [LAVA_DEV_MODE of instance.conf] a shell and lava-server read different values of LAVA_DEV_MODE | ${ETC}/instance.conf:11: LAVA_DEV_MODE="a$b"`,
    ],
  ],
  [
    'a missing key',
    conf(/LAVA_DB_USER.*\n/, ''),
    [
      `problem write_instance_conf.database [LAVA_DB of instance.conf] this worker uses a different database than the lab | ${ETC}/instance.conf: no LAVA_DB_USER; the inventory says 'lava'`,
    ],
  ],
  [
    'another port',
    conf("PORT='5432'", "PORT='5433'"),
    [
      `problem write_instance_conf.database [LAVA_DB of instance.conf] this worker uses a different database than the lab | ${ETC}/instance.conf:7: LAVA_DB_PORT='5433'; the inventory says '5432'`,
    ],
  ],
  [
    'two lines of one key, the last of which counts',
    conf("LAVA_DB_NAME='lava'", "LAVA_DB_NAME='x'\nLAVA_DB_NAME='lava'"),
    [],
  ],
  [
    'an address that both files have and the host has not',
    told('lava-dispatcher.conf', 'LAVA_SERVER_IP = 192.0.2.77\n'),
    [
      'problem write_instance_conf.server-ip [LAVA_SERVER_IP] LAVA_SERVER_IP is not an address of this host: boards cannot fetch their images from it | /srv/lava/instances/lab/etc/lava-dispatcher/lava-dispatcher.conf:1: LAVA_SERVER_IP = 192.0.2.77; this host has 192.0.2.10',
    ],
  ],
  [
    'a name in the place of an address, but only in one file',
    told('lava-dispatcher.conf', 'lava_server_ip: w1.lab\n'),
    [
      `problem write_instance_conf.server-ip [LAVA_SERVER_IP] two files disagree about LAVA_SERVER_IP, and only lava-dispatcher.conf is used | ${ETC}/instance.conf:9: LAVA_SERVER_IP='192.0.2.10'; /srv/lava/instances/lab/etc/lava-dispatcher/lava-dispatcher.conf:1: lava_server_ip: w1.lab`,
    ],
  ],
  [
    'a proxy with a password, which is not shown',
    conf("LAVA_PROXY=''", "LAVA_PROXY='http://a:hush@192.0.2.5/'"),
    [
      `warning write_instance_conf.proxy [LAVA_PROXY] two files disagree about LAVA_PROXY, and only lava-dispatcher.conf is used | ${ETC}/instance.conf:10: LAVA_PROXY='http://a:********@192.0.2.5/'; /srv/lava/instances/lab/etc/lava-dispatcher/lava-dispatcher.conf:2: LAVA_PROXY =`,
    ],
  ],
  [
    'no heartbeat where the inventory wants the default anyway',
    told('worker.conf', '# nothing\n'),
    [],
  ],
  [
    'no heartbeat where the inventory wants another',
    told('worker.conf', '', { ...worker, heartbeat_timeout: 60 }),
    [
      `warning write_instance_conf.heartbeat [HEARTBEAT_TIMEOUT] lava-server finds no HEARTBEAT_TIMEOUT and uses 300 s | ${ETC}/worker.conf: no HEARTBEAT_TIMEOUT`,
    ],
  ],
  [
    'a coordinator that is another host',
    told('lava-coordinator.conf', '{"port": 3079, "coordinator_hostname": "192.0.2.1"}'),
    [
      'problem write_instance_conf.coordinator [file /etc/lava-coordinator/lava-coordinator.conf] MultiNode jobs of this worker look for the coordinator on a host other than the master | /etc/lava-coordinator/lava-coordinator.conf: "coordinator_hostname": "192.0.2.1"; the master is 192.0.2.11',
    ],
  ],
])('%s', (_, found, wanted) => {
  expect(found).toEqual(wanted);
});

test('the path to the coordinator is tried only where the master serves it to others', () => {
  const path = queriesOf(module, worker, lab).find(({ id }) => id.endsWith('coordinator-path'));
  const holds = (output: string): boolean | undefined =>
    path?.probe === undefined && path?.of === undefined
      ? path?.given?.holds({ master: output })
      : undefined;
  expect(holds('')).toBe(false);
  expect(holds('0100007F:0C07 00000000:0000 0A 501\n')).toBe(false);
  expect(holds('00000000:0C07 00000000:0000 0A 501\n')).toBe(true);
});

test("a large buffer of uWSGI, and one that LAVA's manual warns of", () => {
  const told = (lines: string): readonly string[] => {
    const questions = queriesOf(module, { ...worker, role: 'master' }, lab);
    const text = Buffer.from(`[uwsgi]\nmaster = true\n${lines}`).toString('base64');
    const answer = `file ${ETC}/uwsgi.ini 644 root root ${text}\n`;
    return findingsOf(questions, { 'write_instance_conf.uwsgi': answer }).map(([id, finding]) =>
      lineOf(id, finding),
    );
  };
  const common = `warning write_instance_conf.uwsgi [file ${ETC}/uwsgi.ini] large submissions end with HTTP 500: uWSGI has no room for them | ${ETC}/uwsgi.ini`;
  expect(told('')).toEqual([`${common}: no buffer-size, which means 4096`]);
  expect(told('# buffer-size = 65535\nbuffer-size=8192\n')).toEqual([
    `${common}:4: buffer-size=8192`,
  ]);
  expect(told('buffer-size = 8192\nbuffer-size = 65535\n')).toEqual([]);
});

test('a lock is left behind when it is older than a minute and its process is another or gone', () => {
  const [question] = queriesOf(module, worker, lab).filter(({ id }) => id.endsWith('pid-lock'));
  const host = testHost();
  const probe = question?.probe ?? '';
  const output = (): string =>
    host.read({ id: 'lock', probe, parse: String, change: () => undefined });
  const lock = join(host.root, 'run/lava-server.pid.lock');
  const pid = join(host.root, 'run/lava-server.pid');
  expect(output()).toBe('');
  writeFileSync(lock, '');
  expect(output()).toBe('');
  utimesSync(lock, 1_400_000_000, 1_400_000_000);
  expect(output()).toMatch(/^left 2014-05-1/);
  const run = (name: string): void => {
    const process = spawn('bash', ['-c', `exec -a '${name}' sleep 60`]);
    onTestFinished(() => void process.kill());
    writeFileSync(pid, `${process.pid}\n`);
  };
  run('another daemon');
  expect(output()).toMatch(/^left 2014-05-1/);
  run('/usr/bin/lava-server manage scheduler');
  return eventually(() => expect(output()).toBe(''));
});

test("Debian's master", () => {
  const args = { ...worker, layout: 'debian', role: 'master' };
  const ours = '/etc/lava-server/settings.d/00-lava-play-database.yaml';
  const yaml =
    'DATABASES:\n  default:\n    NAME: "lava"\n    USER: "lava"\n    PASSWORD: "Passw0rd!"\n    HOST: "192.0.2.99"\n    PORT: 5432\n';
  const debian = (files: Readonly<Record<string, string>>, mode = '640'): readonly string[] => {
    const output = Object.entries(files)
      .map(
        ([path, text]) =>
          `file ${path} ${mode} lavaserver lavaserver ${Buffer.from(text).toString('base64')}\n`,
      )
      .join('');
    const questions = queriesOf(module, args, lab);
    const answers = Object.fromEntries(questions.map(({ id }) => [id, output]));
    return findingsOf(questions, answers).map(([id, finding]) => lineOf(id, finding));
  };
  const good = { '/etc/lava-server/instance.conf': "LAVA_INSTANCE='lab'\n", [ours]: yaml };
  expect(debian(good)).toEqual([]);
  expect(debian({ ...good, [ours]: yaml.replace('.99', '.98') })).toEqual([
    `problem write_instance_conf.database [file ${ours}] the server uses a different database than the lab | ${ours}:6: HOST: "192.0.2.98"; the inventory says 192.0.2.99`,
  ]);
  expect(debian({ ...good, [ours]: yaml.replace('Passw0rd!', 'older') })).toEqual([
    `problem write_instance_conf.database [file ${ours}] the server uses a different database than the lab | ${ours}:5: PASSWORD: ***; the inventory has a different one`,
  ]);
  expect(
    debian({
      ...good,
      '/etc/lava-server/settings.d/99.yaml': 'DATABASES: {default: {PASSWORD: hush}}\n',
    }),
  ).toEqual([
    'problem write_instance_conf.database [file /etc/lava-server/settings.d/99.yaml] another file sets a different database for the server, and is read after ours | /etc/lava-server/settings.d/99.yaml:1: DATABASES: {default: {PASSWORD: ***',
  ]);
  expect(debian({ [ours]: yaml })).toEqual([
    'problem write_instance_conf.files [file /etc/lava-server/instance.conf] the server does not know its database | /etc/lava-server/instance.conf: no such file',
  ]);
  expect(debian(good, '644')).toHaveLength(2);
});
