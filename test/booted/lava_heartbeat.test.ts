import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import {
  configurationText,
  credentialsText,
  heartbeatWorkerConf,
} from '../../modules/lava_worker_agent/heartbeat/configuration_text.ts';
import { HEARTBEAT } from '../../modules/lava_worker_agent/heartbeat/places.ts';
import { programFiles } from '../../modules/lava_worker_agent/heartbeat/program_files.ts';
import { unitText } from '../../modules/lava_worker_agent/heartbeat/unit_text.ts';
import { foundation } from '../support/foundation.ts';
import { type MasterState, masterProgram } from '../support/xmlrpc_master.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { cutLink, labExec, labHosts, readHostFile, resetHost, restoreLink } from './lab.ts';
import { waitFor } from './wait.ts';

const TEXTFILE = '/var/lib/prometheus/node-exporter/lava_heartbeat.prom';
const DEADLINE = { deadlineMs: 60_000 };

interface Told {
  readonly last_success: string | null;
  readonly last_report: string | null;
  readonly last_error: { readonly message: string } | null;
  readonly failures_in_a_row: number;
  readonly problems: readonly string[];
}

describeOnLab('the heartbeat runtime on a booted host', () => {
  const host = (role: string): { readonly name: string; readonly address: string } => {
    const found = labHosts().find((each) => each.role === role);
    if (!found) throw new Error(`the lab has no ${role}`);
    return found;
  };

  async function on(name: string, command: string, stdin = ''): Promise<string> {
    const { code, stdout, stderr } = await labExec(name, command, { stdin, timeoutMs: 300_000 });
    expect(code, `${command}\n${stderr}`).toBe(0);
    return stdout.trim();
  }

  const onWorker = (command: string, stdin?: string): Promise<string> =>
    on(host('worker').name, command, stdin);

  async function write(path: string, text: string, mode = '0644'): Promise<void> {
    await onWorker(`mkdir -p ${dirname(path)} && cat > ${path} && chmod ${mode} ${path}`, text);
  }

  const show = (property: string): Promise<string> =>
    onWorker(`systemctl show --property=${property} --value ${HEARTBEAT.unit}`);

  const journal = (): Promise<string> => onWorker(`journalctl -q -o cat -u ${HEARTBEAT.unit}`);

  async function status(isWanted: (told: Told) => boolean): Promise<Told> {
    return await waitFor(
      'wanted status',
      async () => {
        const { stdout } = await labExec(host('worker').name, `cat ${HEARTBEAT.status}`);
        const told: Told | undefined = stdout === '' ? undefined : JSON.parse(stdout);
        return told && isWanted(told) ? told : undefined;
      },
      DEADLINE,
    );
  }

  async function atMaster(): Promise<MasterState> {
    const asked = `python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1/control").read().decode())'`;
    return JSON.parse(await on(host('master').name, asked));
  }

  async function newHeartbeat(): Promise<void> {
    const { calls } = await atMaster();
    await waitFor(
      'heartbeat at the master',
      async () => ((await atMaster()).calls.length > calls.length ? true : undefined),
      DEADLINE,
    );
  }

  const configure = (more: { readonly mounts?: readonly string[] } = {}): Promise<void> =>
    write(
      HEARTBEAT.configuration,
      configurationText({
        mode: 'classic',
        host: 'w1.lab',
        url: `http://${host('master').address}/RPC2`,
        devices: '/etc/lava-dispatcher/devices',
        disks: [{ path: '/', maxUsedPercent: 100 }],
        textfile: TEXTFILE,
        ...more,
      }),
    );

  beforeAll(async () => {
    for (const { name } of [host('worker'), host('master')]) {
      await resetHost(name);
      const install = 'DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends';
      await on(name, `apt-get update -q && ${install} python3 sshfs`);
    }
    await on(host('master').name, 'cat > /root/master.py', readFileSync(masterProgram, 'utf8'));
    await on(
      host('master').name,
      'systemd-run --unit=stand-in python3 /root/master.py --address 0.0.0.0 --port 80 --login lava-health:t0ken',
    );
    for (const { path, content } of programFiles()) await write(path, content);
    await write(
      HEARTBEAT.credentials,
      credentialsText({ user: 'lava-health', token: 't0ken' }),
      '0600',
    );
    await write(HEARTBEAT.workerConf, heartbeatWorkerConf(1));
    await write(HEARTBEAT.unitFile, unitText({ mode: 'classic', textfile: TEXTFILE }));
    await onWorker(`mkdir -p ${dirname(TEXTFILE)}`);
    await configure();
    await onWorker(`systemctl daemon-reload && systemctl enable --now ${HEARTBEAT.unit}`);
  });

  foundation('reports in its sandbox, and tells people, tools and systemd', async () => {
    const told = await status(({ last_report }) => last_report === 'minimal');
    expect(told).toMatchObject({ last_error: null, problems: [] });
    const { rows } = await atMaster();
    expect(rows['w1.lab']).toMatchObject({ arch: 'x86_64', ip_address: host('worker').address });
    expect(rows['w1.lab']?.software_info).toContain('sshfs');
    expect(await readHostFile(host('worker').name, TEXTFILE)).toContain('lava_heartbeat_up 1\n');
    expect(await show('StatusText')).toMatch(/^last heartbeat 2.*Z, next 2.*Z$/);
    expect(await journal()).not.toContain('t0ken');
  });

  test('may write nothing but its own folders', async () => {
    const own = await show('MainPID');
    const { code, stderr } = await labExec(
      host('worker').name,
      `nsenter --target ${own} --mount sh -c 'touch /etc/x /usr/x /srv/x'`,
    );
    expect(code).not.toBe(0);
    expect(stderr.match(/Read-only file system/g)).toHaveLength(3);
    expect(await onWorker(`grep -E '^(CapEff|NoNewPrivs)' /proc/${own}/status`)).toMatch(
      /^CapEff:\t0000000000000002\nNoNewPrivs:\t1$/,
    );
  });

  test('is started again after kill -9, and describes the host anew', async () => {
    const first = await show('MainPID');
    const before = (await atMaster()).calls.length;
    await onWorker(`kill -9 ${first}`);
    await waitFor(
      'new process',
      async () => (['0', first].includes(await show('MainPID')) ? undefined : true),
      DEADLINE,
    );
    await newHeartbeat();
    const after = (await atMaster()).calls.slice(before).map(({ params }) => String(params[0]));
    expect(after.map((text) => JSON.parse(text).info_size)).toContain('complete');
  });

  test('is killed by the watchdog when it hangs, and started again', async () => {
    const dropIn = '/run/systemd/system/lava-heartbeat.service.d/test.conf';
    await write(dropIn, '[Service]\nWatchdogSec=2\n');
    await onWorker(`systemctl daemon-reload && systemctl restart ${HEARTBEAT.unit}`);
    await status(({ last_success }) => last_success !== null);
    const conf = HEARTBEAT.workerConf;
    await onWorker(`mkfifo ${conf}.new && mv ${conf}.new ${conf}`);
    await waitFor(
      'end by the watchdog',
      async () => ((await journal()).includes('Watchdog timeout') ? true : undefined),
      DEADLINE,
    );
    await waitFor(
      'trace of where it hung',
      async () => ((await journal()).includes('worker_conf.py') ? true : undefined),
      DEADLINE,
    );
    await onWorker(`rm ${conf}`);
    await write(conf, heartbeatWorkerConf(1));
    await newHeartbeat();
    await onWorker(
      `rm ${dropIn} && systemctl daemon-reload && systemctl restart ${HEARTBEAT.unit}`,
    );
    await status(({ last_success }) => last_success !== null);
  });

  test('a master whose cable is cut stops nothing, and is found again', async () => {
    const own = await show('MainPID');
    await cutLink(host('master').name);
    const failing = await status(({ failures_in_a_row }) => failures_in_a_row > 0);
    expect(failing.last_error?.message).toMatch(/timed out|No route to host|no answer within/);
    await restoreLink(host('master').name);
    await status(({ failures_in_a_row }) => failures_in_a_row === 0);
    expect(await show('MainPID')).toBe(own);
  });

  test('a mount that does not answer hangs neither the heartbeat nor its start', async () => {
    const media = '/srv/media';
    await onWorker(
      [
        `mkdir -p ${media} /root/.ssh && chmod 700 /root/.ssh`,
        'ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/id_ed25519',
        'cat /root/.ssh/id_ed25519.pub >> /root/.ssh/authorized_keys',
        `sshfs -o StrictHostKeyChecking=no,allow_root,reconnect 127.0.0.1:/var/lib ${media}`,
      ].join(' && '),
    );
    await configure({ mounts: [media] });
    await onWorker(`systemctl restart ${HEARTBEAT.unit}`);
    await status((told) => told.last_success !== null && told.problems.length === 0);
    const sshfs = await onWorker('pidof sshfs');
    const hang = [`mount ${media} does not answer`];
    try {
      await onWorker(`kill -STOP ${sshfs}`);
      expect((await status(({ problems }) => problems.length > 0)).problems).toEqual(hang);
      await newHeartbeat();
      await onWorker(`timeout 60 systemctl restart ${HEARTBEAT.unit}`);
      const told = await status(
        ({ last_success, problems }) => last_success !== null && problems.length > 0,
      );
      expect(told.problems).toEqual(hang);
      await newHeartbeat();
    } finally {
      await onWorker(`kill -CONT ${sshfs}`);
    }
    await status(({ problems }) => problems.length === 0);
    await onWorker(`kill -9 ${sshfs}`);
    const dead = await status(({ problems }) => problems.length > 0);
    expect(dead.problems).toEqual([`mount ${media} is dead: Transport endpoint is not connected`]);
    await onWorker(`umount -l ${media}`);
    const gone = await status(({ problems }) => problems[0] !== dead.problems[0]);
    expect(gone.problems).toEqual([`mount ${media} is not mounted`]);
  });

  test('a new mount is seen by a runtime that was started before', async () => {
    const media = '/srv/media';
    await onWorker(`sshfs -o StrictHostKeyChecking=no,allow_root 127.0.0.1:/var/lib ${media}`);
    await status((told) => told.problems.length === 0);
    await onWorker(`fusermount3 -u ${media}`);
  });

  test('a wrong configuration is final, and a right one is taken at the next start', async () => {
    await write(HEARTBEAT.configuration, '{}\n');
    await labExec(host('worker').name, `systemctl restart ${HEARTBEAT.unit}`);
    await waitFor(
      'end of the service',
      async () => ((await show('ActiveState')) === 'failed' ? true : undefined),
      DEADLINE,
    );
    expect(await journal()).toContain("'mode' must be text");
    await configure();
    await onWorker(`systemctl restart ${HEARTBEAT.unit}`);
    await newHeartbeat();
  });
});
