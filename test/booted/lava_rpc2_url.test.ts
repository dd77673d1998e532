import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType, type ProgramResult } from '../support/program.ts';
import { WORKER_TABLE, workerRow } from '../support/worker_table.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { labAccess, labExec, labHosts, resetHost } from './lab.ts';

const PLAYBOOK = `- name: database
  hosts: database
  tasks:
    - postgres_allow_remote:
        database: "{{ lava.db.name }}"
        user: "{{ lava.db.user }}"
        password: "{{ lava.db.password }}"
    - lava_rpc2_url:
        database: "{{ lava.db.name }}"
        url: "{{ optional lava.heartbeat.rpc2_url }}"
`;

describeOnLab("the master's rpc2_url on booted hosts", () => {
  let inventory: string;
  let playbook: string;
  const host = (role: string): { readonly name: string; readonly address: string } => {
    const found = labHosts().find((each) => each.role === role);
    if (!found) throw new Error(`the lab has no ${role}`);
    return found;
  };

  const apply = (file = inventory): Promise<ProgramResult> =>
    lavaPlay(['apply', file, '--playbook', playbook, '--json']);

  async function sql(query: string): Promise<string> {
    const psql = 'cd / && runuser -u postgres -- psql -XAtqw -v ON_ERROR_STOP=1 -d lavaserver -f -';
    const { code, stdout, stderr } = await labExec(host('database').name, psql, { stdin: query });
    expect(code, stderr).toBe(0);
    return stdout.trim();
  }

  const url = (): Promise<string> =>
    sql('SELECT rpc2_url FROM lava_scheduler_app_worker WHERE is_master');

  beforeAll(async () => {
    for (const { name } of labHosts()) await resetHost(name);
    inventory = labAccess().inventoryFile;
    playbook = join(dirname(inventory), 'rpc2_url.yaml');
    writeFileSync(playbook, PLAYBOOK);
  });

  foundation(
    'before the scheduler has made its table there is a warning, and the apply goes well',
    async () => {
      const first = await apply();
      expect([first.code, first.stderr], first.stdout).toEqual([0, '']);
      const { code, stdout } = await apply();
      expect(code).toBe(0);
      const planned = ofType(eventsOf(stdout), 'host-planned').at(-1);
      expect(planned?.warnings.map(({ message }) => message)).toEqual([
        'rpc2_url is not set: there is no table of workers in the database lavaserver yet',
      ]);
    },
  );

  test("once the master's row is there it gets the URL, and then nothing is left to do", async () => {
    const { name, address } = host('master');
    const fullName = (await labExec(name, 'hostname -f')).stdout.trim();
    await sql(`${WORKER_TABLE}${workerRow(fullName, { master: true })}${workerRow('w1')}`);
    expect((await apply()).code).toBe(0);
    expect(await url()).toBe(`http://${address}/RPC2`);
    const again = ofType(eventsOf((await apply()).stdout), 'run-finished')[0];
    expect(again?.hosts.find((each) => each.host === host('database').name)).toMatchObject({
      outcome: 'unchanged',
      changes: 0,
      scripts: 2,
    });
  });

  test('the URL of the inventory wins, and the diff shows the old one and the new one', async () => {
    const changed = join(dirname(inventory), 'rpc2_url-inventory.yaml');
    const text = readFileSync(inventory, 'utf8');
    writeFileSync(
      changed,
      text.replace('timeout: 300', 'timeout: 300, rpc2_url: "https://lava.lab.example/RPC2"'),
    );
    const { code, stdout } = await apply(changed);
    expect(code, stdout).toBe(0);
    const diffs = ofType(eventsOf(stdout), 'host-planned').flatMap(({ changes }) =>
      changes.map(({ diff }) => diff),
    );
    expect(diffs.join('')).toContain(
      `-rpc2_url: http://${host('master').address}/RPC2\n+rpc2_url: https://lava.lab.example/RPC2\n`,
    );
    expect(await url()).toBe('https://lava.lab.example/RPC2');
  });

  test('two masters are an error that names both', async () => {
    await sql(workerRow('second.lab.example', { master: true }));
    const { code, stdout } = await apply();
    expect(code).toBe(1);
    expect(stdout).toMatch(/2 masters, \S+ and \S+, and no scheduler/);
    expect(stdout).toContain('second.lab.example');
  });
});
