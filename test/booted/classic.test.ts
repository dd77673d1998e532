import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { LabHealth } from '../../engine/contract/finding.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { WORKER_TABLE, workerRow } from '../support/worker_table.ts';
import { type ClassicMaster, startClassicMaster } from './classic_master.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { findingsOf } from './found.ts';
import { inventoryText } from './inventory.ts';
import {
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  listFiles,
  readHostFile,
  resetHost,
} from './lab.ts';
import { waitFor } from './wait.ts';

const HOME = '/srv/lava/instances/lab';
const MEDIA = `${HOME}/var/lib/lava-server/media`;
const PASSWORD = 'a "classic" #1 password';
const TOKEN = 'classic-token-0123456789';
const BOARDS = ['panda01', 'panda02'];
/** Files of some folders, in order; folders that are not there count as empty. */
const FIND = 'files() { find "$@" -xdev ! -type d 2>/dev/null | sort; }; files';
const DEADLINE = { deadlineMs: 60_000 };

/** An instance of LAVA: its files, its database, and its workers with a board each. */
interface Instance {
  readonly name: string;
  readonly workers: readonly LabHost[];
  /** Of its database; `lava-NAME` unless set. */
  readonly db?: string;
}

describeOnLab('the classic lab of lava-deployment-tool', () => {
  let folder: string;
  let database: LabHost;
  let master: LabHost;
  let first: LabHost;
  let second: LabHost;
  let bare: ReadonlyMap<string, unknown>;
  let standIn: ClassicMaster;

  beforeAll(async () => {
    for (const { name } of labHosts()) await resetHost(name);
    const hosts = labHosts();
    const [one, two] = hosts.filter(({ role }) => role === 'worker');
    const found = [
      hosts.find(({ role }) => role === 'database'),
      hosts.find(({ role }) => role === 'master'),
    ];
    if (!found[0] || !found[1] || !one || !two) throw new Error('two workers are needed');
    [database, master, first, second] = [found[0], found[1], one, two];
    folder = testFolder();
    mkdirSync(join(folder, 'secrets'), { mode: 0o700 });
    for (const [name, value] of Object.entries({ db: PASSWORD, token: TOKEN })) {
      writeFileSync(join(folder, 'secrets', name), `${value}\n`, { mode: 0o600 });
    }
    const known = { token: TOKEN, devices: BOARDS };
    standIn = await startClassicMaster(master, [first, second], known);
    bare = listFiles(second.name);
  });

  foundation('one apply makes it, from bare hosts', async () => {
    const { code, failures, output } = await apply(lab([first, second]));
    expect([code, failures]).toEqual([0, []]);
    expect(output).not.toContain(PASSWORD);
    expect(output).not.toContain(TOKEN);
  });

  test('the readers of its four files find in them what the inventory says', async () => {
    const wanted = {
      ...{ LAVA_DB_NAME: 'lava-lab', LAVA_DB_USER: 'lava-lab', LAVA_DB_PASSWORD: PASSWORD },
      ...{ LAVA_DB_SERVER: database.address, LAVA_DB_PORT: '5432' },
    };
    for (const host of [master, first, second]) {
      const conf = `${HOME}/etc/lava-server/instance.conf`;
      expect(await readByServer(host, conf)).toMatchObject(wanted);
      expect(await readByShell(host, conf, Object.keys(wanted))).toEqual(wanted);
      expect(
        await readByShell(host, `${HOME}/etc/lava-server/default_database.conf`, [
          ...['dbuser', 'dbpass', 'basepath', 'dbname', 'dbserver', 'dbport', 'dbtype'],
        ]),
      ).toEqual({
        ...{ dbuser: 'lava-lab', dbpass: PASSWORD, basepath: '', dbname: 'lava-lab' },
        ...{ dbserver: database.address, dbport: '5432', dbtype: 'pgsql' },
      });
    }
    for (const host of [first, second]) {
      expect(await readByServer(host, `${HOME}/etc/lava-server/worker.conf`)).toMatchObject({
        HEARTBEAT_TIMEOUT: '2',
      });
      expect(
        await readByDispatcher(host, `${HOME}/etc/lava-dispatcher/lava-dispatcher.conf`),
      ).toMatchObject({ lava_server_ip: host.address });
    }
    const isMaster = await labExec(master.name, `test -e ${HOME}/etc/lava-server/worker.conf`);
    expect(isMaster.code).toBe(1);
  });

  test('the database has a line for each worker, and no line for the world', async () => {
    const hba = await readHostFile(database.name, '/etc/postgresql/15/main/pg_hba.conf');
    for (const { address } of [master, first, second]) {
      expect(hba.match(new RegExp(`^host.* ${address}/32 `, 'gm'))).toHaveLength(1);
    }
    expect(hba).not.toMatch(/^host.* 0\.0\.0\.0\/0/m);
  });

  test('what a worker writes into the media folder is on the master, and its own', async () => {
    await on(first, `echo log > ${MEDIA}/output.txt`);
    expect(await on(second, `cat ${MEDIA}/output.txt`)).toBe('log\n');
    const account = workerAccount('share-lab', first.name);
    expect(await on(master, `stat -c '%U %G %s' ${MEDIA}/output.txt`)).toBe(
      `${account} share-lab 4\n`,
    );
    const { code } = await labExec(second.name, `rm -f ${MEDIA}/output.txt`);
    expect(code).not.toBe(0);
  });

  test("the instance's account writes what jobs say through the mount; the master shows, continues and removes it", async () => {
    const asLava = (host: LabHost, command: string): Promise<string> =>
      on(host, `cd / && runuser -u lava-lab -- sh -c '${command}'`);
    const job = `${MEDIA}/job-output/job-1`;
    await asLava(
      first,
      `mkdir ${job} && echo start > ${job}/output.txt && echo end >> ${job}/output.txt && touch ${MEDIA}/lava-logs/1`,
    );
    expect(await on(first, `stat -c '%U %G %a' ${job} ${job}/output.txt`)).toBe(
      'lava-lab lava-lab 2755\nlava-lab lava-lab 644\n',
    );
    expect(await asLava(master, `cat ${job}/output.txt`)).toBe('start\nend\n');
    await on(master, `echo kept >> ${job}/output.txt`);
    expect(await asLava(first, `tail -n 1 ${job}/output.txt`)).toBe('kept\n');
    for (const command of [`echo x > ${job}/output.txt`, `rm -r ${job}`, `mkdir ${job}/more`]) {
      const { code } = await labExec(second.name, `runuser -u lava-lab -- sh -c '${command}'`);
      expect([command, code]).not.toEqual([command, 0]);
    }
    await asLava(master, `rm -f ${MEDIA}/lava-logs/1`);
    await asLava(first, `mkdir ${MEDIA}/job-output/job-2 && rm -r ${job}`);
    await on(master, `rm -r ${MEDIA}/job-output/job-2`);
    expect(await on(second, `ls ${MEDIA}/job-output ${MEDIA}/lava-logs`)).toBe(
      `${MEDIA}/job-output:\n\n${MEDIA}/lava-logs:\n`,
    );
  });

  test('heartbeats bring the full names of the workers, and the board of each', async () => {
    const names = await Promise.all(
      [first, second].map(async (host) => (await on(host, 'hostname -f')).trim()),
    );
    const state = await waitFor(
      'heartbeat of each worker',
      async () => {
        const now = await standIn.state();
        return names.every((name) => now.rows[name]) ? now : undefined;
      },
      DEADLINE,
    );
    expect(state.devices).toEqual({ panda01: names[0], panda02: names[1] });
  });

  test('the table of workers says where to report, once the scheduler has made it', async () => {
    const fqdn = (await on(master, 'hostname -f')).trim();
    await sql(WORKER_TABLE + workerRow(fqdn, { master: true, url: 'http://elsewhere/RPC2' }));
    expect((await apply(lab([first, second]))).code).toBe(0);
    expect(await sql('SELECT rpc2_url FROM lava_scheduler_app_worker WHERE is_master')).toBe(
      `${standIn.url}\n`,
    );
  });

  test('the next apply changes nothing and takes two scripts a host; check is content', async () => {
    const { hosts } = await apply(lab([first, second]));
    expect(hosts).toMatchObject(hosts.map(() => ({ changes: 0, scripts: 2 })));
    const now = 'last_heartbeat = now(), last_master_scheduler_tick = now()';
    const rows = [first, second].map(({ name }) => workerRow(name)).join('');
    await sql(`${rows}UPDATE lava_scheduler_app_worker SET ${now};`);
    const { stdout } = await lavaPlay(['check', 'lab.yaml', '--json'], { cwd: folder });
    const health: LabHealth = JSON.parse(stdout);
    const told = findingsOf(health).filter(({ severity }) => severity !== 'note');
    expect(
      told.filter(
        ({ what }) => !/adapter of the board panda0\d is not|lacks what jobs need/.test(what),
      ),
    ).toEqual([]);
  });

  test('the password and the token are in no list of processes and no journal', async () => {
    for (const host of [database, master, first, second]) {
      const seen = await on(
        host,
        'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"; journalctl -q --no-pager',
      );
      const own = seen.split('\n').filter((line) => !/^lava-health:|Started stand-in/.test(line));
      expect(own.filter((line) => line.includes(PASSWORD) || line.includes(TOKEN))).toEqual([]);
    }
  });

  test('a worker that retires is left as it was; nobody else is touched', async () => {
    const before = await startTimes();
    await on(second, `echo kept > ${MEDIA}/kept.txt`);
    const retired = await lavaPlay(['retire', second.name, 'lab.yaml', '--yes'], { cwd: folder });
    expect(retired.code, retired.stdout + retired.stderr).toBe(0);
    expect(await startTimes()).toEqual(before);
    expect(await on(master, `cat ${MEDIA}/kept.txt`)).toBe('kept\n');

    const hba = await readHostFile(database.name, '/etc/postgresql/15/main/pg_hba.conf');
    expect([hba.includes(`${first.address}/32`), hba.includes(`${second.address}/32`)]).toEqual([
      true,
      false,
    ]);
    const keys = await on(master, 'cat /etc/lava-play/authorized_keys/*/*');
    expect([keys.includes(first.name), keys.includes(second.name)]).toEqual([true, false]);

    const left = [...listFiles(second.name)].filter(
      ([path, { type }]) => !bare.has(path) && type !== 'directory' && !OF_PACKAGES.test(path),
    );
    expect(left.map(([path]) => path)).toEqual([]);
    const secrets = await on(
      second,
      `grep -rlF -e '${PASSWORD}' -e PRIVATE /var/lib/lava-play /etc/lava-play || :`,
    );
    expect(secrets).not.toContain('id_ed25519');
    const units = await on(second, 'systemctl list-unit-files --no-legend "lava-*" "srv-*" || :');
    expect(units).toBe('');

    const again = await lavaPlay(['retire', second.name, 'lab.yaml', '--yes', '--json'], {
      cwd: folder,
    });
    const { hosts } = ofType(eventsOf(again.stdout), 'run-finished')[0] ?? { hosts: [] };
    expect(hosts).toMatchObject(hosts.map(() => ({ changes: 0 })));
  });

  test('a second instance on the same master and database leaves the first as it is', async () => {
    const other: Instance = { name: 'lab2', workers: [second] };
    expect((await apply(lab([first]))).code).toBe(0);
    const before = await startTimes();
    const made = await apply(other);
    expect([made.code, made.failures]).toEqual([0, []]);
    expect(await startTimes()).toEqual(before);
    for (const instance of [lab([first]), other]) {
      const { hosts } = await apply(instance);
      expect(hosts).toMatchObject(hosts.map(() => ({ changes: 0 })));
    }
    await on(first, `echo one > ${MEDIA}/one.txt`);
    await on(second, `echo two > ${MEDIA.replace('/lab/', '/lab2/')}/two.txt`);
    const shown = await on(
      master,
      'cd /srv/lava/instances; ls lab*/var/lib/lava-server/media/*.txt',
    );
    expect(shown.replaceAll('/var/lib/lava-server/media/', ': ').split('\n')).toEqual([
      ...['lab: kept.txt', 'lab: one.txt', 'lab: output.txt', 'lab2: two.txt', ''],
    ]);
  });

  test('an instance of another name leaves nothing under the old one, but for what jobs have written', async () => {
    const before = await on(first, `${FIND} /srv/lava /etc/systemd/system`);
    const renamed: Instance = { name: 'lab3', db: 'lava-lab2', workers: [second] };
    const { code, failures } = await apply(renamed);
    expect([code, failures]).toEqual([0, []]);
    const { hosts } = await apply(renamed);
    expect(hosts).toMatchObject(hosts.map(() => ({ changes: 0 })));
    const named = '/etc/systemd/system /etc/ssh /etc/lava-play /var/lib/lava-play/instances';
    expect(await on(second, `${FIND} /srv/lava/instances/lab2 ${named} | grep lab2 || :`)).toBe('');
    expect(await on(second, 'getent passwd lava-lab2 || echo none')).toBe('none\n');
    const onMaster = await on(master, `${FIND} /srv/lava/instances/lab2 ${named} | grep lab2`);
    const units = '/etc/systemd/system';
    expect(onMaster.split('\n')).toEqual([
      `${units}/lava-share-share-lab2.service`,
      `${units}/multi-user.target.wants/lava-share-share-lab2.service`,
      `${MEDIA.replace('/lab/', '/lab2/')}/.mounted`,
      `${MEDIA.replace('/lab/', '/lab2/')}/two.txt`,
      '',
    ]);
    expect(await on(first, `${FIND} /srv/lava /etc/systemd/system`)).toBe(before);
    expect((await apply(lab([first]))).hosts).toMatchObject(
      [0, 0, 0].map((changes) => ({ changes })),
    );
  });

  function lab(workers: readonly LabHost[]): Instance {
    return { name: 'lab', workers };
  }

  async function apply({ name, workers, db = `lava-${name}` }: Instance) {
    const media = MEDIA.replace('/lab/', `/${name}/`);
    const own = `
      instance: ${name}
      layout: instance
      share: ${media}
      db: { name: ${db}, user: ${db}, password: !secret db }
      heartbeat: { timeout: 2, token: !secret token, rpc2_url: "${standIn.url}" }
`.slice(1);
    const keys = dirname(labAccess().inventoryFile);
    let text = inventoryText([database, master, ...workers])
      .replace(
        / {6}instance:[\s\S]*?secrets:\n.*\n/,
        `${own}secrets:\n  db: { file: secrets/db }\n  token: { file: secrets/token }\n`,
      )
      .replace('identity_file: ', `identity_file: ${keys}/`)
      .replace('known_hosts_file: ', `known_hosts_file: ${keys}/`);
    for (const { name: worker, address } of workers) {
      const board = BOARDS[worker === first.name ? 0 : 1];
      const serial = `serial: { usb_serial: FT-${board}, tcp_port: 7001 }`;
      text = text.replace(
        `${worker}: { address: ${address} }`,
        `${worker}: { address: ${address}, boards: [{ name: ${board}, device_type: panda, ${serial} }] }`,
      );
    }
    writeFileSync(join(folder, `${name}.yaml`), text);
    const { code, stdout, stderr } = await lavaPlay(['apply', `${name}.yaml`, '--json'], {
      cwd: folder,
    });
    expect(stderr).toBe('');
    const events = eventsOf(stdout);
    return {
      ...{ code, output: stdout },
      failures: ofType(events, 'host-failed').map(({ failure }) => failure),
      hosts: ofType(events, 'run-finished')[0]?.hosts ?? [],
    };
  }

  async function on(host: LabHost, command: string, stdin = ''): Promise<string> {
    const options = { stdin, timeoutMs: 300_000 };
    const { code, stdout, stderr } = await labExec(host.name, command, options);
    expect(code, `${command}\n${stderr}`).toBe(0);
    return stdout;
  }

  async function sql(query: string): Promise<string> {
    return on(
      database,
      'cd / && runuser -u postgres -- psql -XAtqw -v ON_ERROR_STOP=1 -d lava-lab -f -',
      query,
    );
  }

  /** When PostgreSQL and the daemons of the first worker and the master were started. */
  async function startTimes(): Promise<readonly string[]> {
    const show = 'systemctl show --property=Id,ActiveEnterTimestampMonotonic --';
    return [
      await on(database, `${show} postgresql@15-main`),
      await on(master, `${show} ssh`),
      await on(first, `${show} lava-heartbeat 'srv-lava*.mount'`),
    ];
  }
});

/** As lava-server reads instance.conf and worker.conf: one regular expression a line (`config_file.py`, 2014). */
async function readByServer(
  host: LabHost,
  path: string,
): Promise<Readonly<Record<string, string>>> {
  const text = await readHostFile(host.name, path);
  const lines = [...text.matchAll(/^(\w+)=["']([^']*)["']\s*(?:#.*)?$/gm)];
  return Object.fromEntries(lines.map(([, key, value]) => [key, value]));
}

/** As upstart's jobs and lava-deployment-tool read them: sourced by sh. */
async function readByShell(
  host: LabHost,
  path: string,
  keys: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const shown = keys.map((key) => `printf '%s\\n' "$${key}"`).join('; ');
  const { code, stdout } = await labExec(host.name, `set -eu; . ${path}; ${shown}`);
  expect(code).toBe(0);
  const values = stdout.split('\n');
  return Object.fromEntries(keys.map((key, i) => [key, values[i] ?? '']));
}

/** As lava-dispatcher reads its file: `KEY = value` without sections, keys in any case (`config.py`, 2014). */
async function readByDispatcher(
  host: LabHost,
  path: string,
): Promise<Readonly<Record<string, string>>> {
  const program = `import configparser, json
parser = configparser.ConfigParser()
parser.read_string('[x]\\n' + open('${path}').read())
print(json.dumps(dict(parser['x'])))`;
  const { code, stdout, stderr } = await labExec(host.name, ['python3', '-c', program]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** What packages and the system leave, and our own backups of files that we replaced. */
const OF_PACKAGES =
  /^\/(usr|lib|var\/(lib\/(dpkg|apt|systemd|ucf|lava-play|private|python)|cache|log|backups)|etc\/(alternatives|inputrc|ssl|ld\.so|python|fuse|apt|ucf|default|init\.d|rc|ser2net|mke2fs|perl|dpkg|systemd\/system\/multi-user|passwd|group|shadow|gshadow|subuid|subgid|ca-certificates|logcheck|cron|emacs|mime|magic|mailcap))/;
