import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { type ClassicMaster, startClassicMaster } from './classic_master.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { inventoryText } from './inventory.ts';
import { type LabHost, labAccess, labExec, labHosts, readHostFile, resetHost } from './lab.ts';
import { waitFor } from './wait.ts';

const HOME = '/srv/lava/instances/lab';
const DEADLINE = { deadlineMs: 60_000 };
const TOKEN = 'classic-token-0123456789';

describeOnLab('a classic worker', () => {
  let folder: string;
  let database: LabHost;
  let master: LabHost;
  let worker: LabHost;
  let standIn: ClassicMaster;

  beforeAll(async () => {
    [database, master, worker] = [hostFor('database'), hostFor('master'), hostFor('worker')];
    for (const { name } of [database, master, worker]) await resetHost(name);
    standIn = await startClassicMaster(master, [worker], { token: TOKEN, devices: ['panda01'] });
    folder = dirname(labAccess().inventoryFile);
    writeFileSync(join(folder, 'secrets', 'heartbeat_token'), `${TOKEN}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'classic.playbook.yaml'), PLAYBOOK);
  });

  foundation(
    'reports to its master, with its boards; nothing starts before worker.conf is there, in whatever order the tasks stand',
    async () => {
      const { code, failures, output, steps } = await apply(['panda01']);
      expect([code, failures]).toEqual([0, []]);
      expect(output).not.toContain(TOKEN);
      const order = steps.filter((step) => /worker\.conf|start lava-heartbeat/.test(step));
      expect(order).toEqual([
        `write ${HOME}/etc/lava-server/worker.conf`,
        'start lava-heartbeat.service',
      ]);
      const { rows, devices } = await waitFor(
        'row of the worker',
        async () => {
          const state = await standIn.state();
          return Object.keys(state.rows).length > 0 ? state : undefined;
        },
        DEADLINE,
      );
      const name = (await on(worker, 'hostname -f')).trim();
      expect(rows).toMatchObject({ [name]: { arch: 'x86_64' } });
      expect(devices).toEqual({ panda01: name });
      expect(
        await readHostFile(worker.name, `${HOME}/etc/lava-dispatcher/devices/panda01.conf`),
      ).toBe(
        '# Written by lava-play from the inventory; changes made here are lost.\ndevice_type = panda\n',
      );
      expect((await labExec(worker.name, 'dpkg -s lava-dispatcher')).code).not.toBe(0);
    },
  );

  test('is left alone by the second apply, with two scripts', async () => {
    const { hosts } = await apply(['panda01']);
    expect(hosts).toMatchObject(hosts.map(() => ({ outcome: 'unchanged', scripts: 2 })));
  });

  test('names another board with its next heartbeat, without a restart, and forgets the one that left', async () => {
    const pid = await on(worker, 'systemctl show --property=MainPID --value lava-heartbeat');
    expect((await apply(['panda02'])).code).toBe(0);
    const named = await waitFor(
      'heartbeat with the other board alone',
      async () => {
        const sent = (await standIn.state()).calls.map(({ params: [text] }) =>
          JSON.parse(String(text)),
        );
        const last = sent.at(-1);
        return last?.devices.join() === 'panda02' ? last : undefined;
      },
      DEADLINE,
    );
    expect(named.devices).toEqual(['panda02']);
    expect(await on(worker, 'systemctl show --property=MainPID --value lava-heartbeat')).toBe(pid);
  });

  function hostFor(role: LabHost['role']): LabHost {
    const host = labHosts().find((each) => each.role === role);
    if (!host) throw new Error(`the lab has no ${role}`);
    return host;
  }

  async function on(host: LabHost, command: string, stdin = ''): Promise<string> {
    const { code, stdout, stderr } = await labExec(host.name, command, {
      stdin,
      timeoutMs: 300_000,
    });
    expect(code, `${command}\n${stderr}`).toBe(0);
    return stdout;
  }

  async function apply(boards: readonly string[]) {
    const list = boards.map((name) => `{ name: ${name}, device_type: panda }`).join(', ');
    const text = inventoryText([database, master, worker])
      .replace(
        'heartbeat: { timeout: 300 }',
        `heartbeat: { timeout: 2, token: !secret heartbeat_token, rpc2_url: "${standIn.url}" }`,
      )
      .replace('secrets:\n', 'secrets:\n  heartbeat_token: { file: secrets/heartbeat_token }\n')
      .replace(
        `${worker.name}: { address: ${worker.address} }`,
        `${worker.name}: { address: ${worker.address}, boards: [${list}] }`,
      );
    writeFileSync(join(folder, 'classic.yaml'), text);
    const files = ['classic.yaml', '--playbook', 'classic.playbook.yaml'];
    const { code, stdout } = await lavaPlay(['apply', ...files, '--json'], { cwd: folder });
    const events = eventsOf(stdout);
    return {
      ...{ code, output: stdout },
      failures: ofType(events, 'host-failed').map(({ failure }) => failure),
      steps: ofType(events, 'step-finished').map(({ step }) => step),
      hosts: ofType(events, 'run-finished')[0]?.hosts ?? [],
    };
  }
});

const PLAYBOOK = `- hosts: database
  tasks:
    - postgres_allow_remote:
        database: "{{ lava.db.name }}"
        user: "{{ lava.db.user }}"
        password: "{{ lava.db.password }}"
- hosts: workers
  needs: database
  tasks:
    - lava_worker_agent:
        layout: "{{ lava.layout }}"
        instance: "{{ lava.instance }}"
        url: "{{ lava.master_url }}"
        boards: "{{ boards }}"
        rpc2_url: "{{ lava.heartbeat.rpc2_url }}"
        heartbeat_token: "{{ lava.heartbeat.token }}"
    - write_instance_conf:
        role: worker
        layout: "{{ lava.layout }}"
        instance: "{{ lava.instance }}"
        db: "{{ lava.db }}"
        master: "{{ lava.master }}"
        heartbeat_timeout: "{{ lava.heartbeat.timeout }}"
`;
