import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import type { Event } from '../../engine/events/event.ts';
import { describeOnLab } from '../booted/describe_on_lab.ts';
import { inventoryText } from '../booted/inventory.ts';
import { cutLink, type LabHost, labAccess, labExec, labHosts, restoreLink } from '../booted/lab.ts';
import { waitFor } from '../booted/wait.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType, type ProgramResult } from '../support/program.ts';
import { masterPlays } from './master_plays.ts';
import { makeBare, row } from './row.ts';

const PASSWORD = 'the-admins-Passw0rd';
const TOKEN = 'the-admins-token-0123456789';
const DAEMONS = ['lava-server-gunicorn', 'lava-publisher', 'lava-scheduler'];

describeOnLab('the master of a real LAVA lab', () => {
  let folder: string;
  let database: LabHost;
  let master: LabHost;

  beforeAll(async () => {
    [database, master] = [hostFor('database'), hostFor('master')];
    await makeBare([database, master]);
    folder = dirname(labAccess().inventoryFile);
    const secrets = { lava_admin_password: PASSWORD, lava_admin_token: TOKEN };
    for (const [name, value] of Object.entries(secrets)) {
      writeFileSync(join(folder, 'secrets', name), `${value}\n`, { mode: 0o600 });
    }
    const admin = `      admin: { user: admin, password: !secret lava_admin_password, token: !secret lava_admin_token }\n`;
    const lines = Object.keys(secrets).map((name) => `  ${name}: { file: secrets/${name} }\n`);
    const inventory = inventoryText([database, master])
      .replace('layout: instance\n', `layout: debian\n${admin}`)
      .replace('secrets:\n', `secrets:\n${lines.join('')}`);
    writeFileSync(join(folder, 'lava_server.yaml'), inventory);
    writePlaybook();
  });

  foundation(
    'is made from bare hosts in one apply, on a database elsewhere, and lets the admin in',
    async () => {
      const { code, events, stdout } = await apply();
      expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
      const proved = ofType(events, 'proved').map(({ host, proof }) => [host, proof]);
      expect(proved).toContainEqual([
        master.name,
        `LAVA's API on ${master.address}:80, which accepts the token`,
      ]);
      expect(stdout).not.toMatch(new RegExp(`${PASSWORD}|${TOKEN}`));
      expect(await get('/api/v0.2/system/whoami/', { token: TOKEN })).toMatchObject({
        status: 200,
        body: expect.stringContaining('"admin"'),
      });
      expect((await get('/api/v0.2/system/whoami/', { token: 'another' })).status).toBe(403);
      expect(await canLogIn(PASSWORD)).toBe(true);
      expect(await canLogIn('another')).toBe(false);
      expect((await labExec(master.name, 'ls /usr/lib/postgresql/*/bin/postgres')).code).not.toBe(
        0,
      );
    },
  );

  test('the worker that LAVA makes up is retired', async () => {
    const { body } = await get('/api/v0.2/workers/');
    expect(JSON.parse(body).results).toMatchObject(
      row().madeUp.map((hostname) => ({ hostname, health: 'Retired' })),
    );
  });

  test('the receiver of heartbeats answers behind the web server, and takes nothing unsigned', async () => {
    const { status, body } = await get('/lava-heartbeat/');
    expect(status).toBe(200);
    const { challenge } = JSON.parse(body);
    const answer = await ask('/lava-heartbeat/example.com', { 'x-challenge': challenge }, '{}');
    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('not signed') });
    expect(await django('print(User.objects.filter(username="lava-heartbeat").count())')).toBe(
      '0\n',
    );
  });

  test('the second apply changes nothing, restarts nothing and takes two scripts a host', async () => {
    const before = await processes();
    const { code, events } = await apply();
    expect(code).toBe(0);
    expect(ofType(events, 'run-finished')[0]?.hosts).toMatchObject(
      [database, master].map(({ name }) => ({ host: name, outcome: 'unchanged', scripts: 2 })),
    );
    expect(await processes()).toEqual(before);
  });

  test('a changed setting restarts the three daemons and nothing else, and counts once the run is over', async () => {
    expect((await get('/api/v0.2/workers/', { host: 'lava.example.org' })).status).toBe(400);
    const before = await processes();
    writePlaybook('lava.example.org');
    const { code, events } = await apply();
    expect(code).toBe(0);
    expect(ofType(events, 'handler-finished').map(({ handler }) => handler)).toEqual([
      'restart the daemons of lava-server',
    ]);
    expect((await get('/api/v0.2/workers/', { host: 'lava.example.org' })).status).toBe(200);
    const after = await processes();
    const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
    expect(changed.sort()).toEqual([...DAEMONS].sort());
  });

  test('a password that was changed by hand is set again, and shown by neither side', async () => {
    await django('u = User.objects.get(username="admin"); u.set_password("by-hand-1"); u.save()');
    expect(await canLogIn(PASSWORD)).toBe(false);
    const { code, events, stdout } = await apply();
    expect(code).toBe(0);
    const [first] = ofType(events, 'host-planned').filter(({ host }) => host === master.name);
    expect(first?.changes).toMatchObject([
      {
        resource: 'superuser admin of LAVA',
        before: 'password: another\n',
        after: 'password: as wanted\n',
      },
    ]);
    expect(stdout).not.toMatch(new RegExp(`${PASSWORD}|by-hand-1`));
    expect(await canLogIn(PASSWORD)).toBe(true);
  });

  test('a scheduler that has given up is started, and a site that was switched off is back', async () => {
    await labExec(
      master.name,
      'systemctl stop lava-scheduler; a2dissite -q lava-server; systemctl reload apache2',
    );
    await waitFor('the site to be gone', siteIsGone, { deadlineMs: 20_000 });
    expect((await apply()).code).toBe(0);
    expect((await get('/api/v0.2/workers/')).status).toBe(200);
    expect((await labExec(master.name, 'systemctl is-active lava-scheduler')).stdout).toBe(
      'active\n',
    );
  });

  test('a gunicorn that ends again and again is not waited for, and its log is named', async () => {
    const folder = '/etc/systemd/system/lava-server-gunicorn.service.d';
    const ending = '[Service]\nExecStart=\nExecStart=/bin/sh -c "sleep 1; exit 3"\n';
    await labExec(
      master.name,
      `mkdir ${folder} && cat >${folder}/ends.conf && systemctl daemon-reload`,
      { stdin: ending },
    );
    writePlaybook('lava1.example.org');
    const { code, events } = await apply();
    await labExec(master.name, `rm -r ${folder} && systemctl daemon-reload`);
    expect(code).toBe(1);
    expect(failureOf(events)?.output?.trim()).toMatch(
      /lava-server-gunicorn ends again and again: see \/var\/log\/lava-server\/gunicorn\.log$/,
    );
    expect((await apply()).code).toBe(0);
  });

  test('a database host that drops off the network is named within a bounded time', async () => {
    await cutLink(database.name);
    try {
      const { events } = await play('plan', ['--limit', 'master']);
      const silence = '(timeout expired|Connection timed out|No route to host)';
      expect(waitingOf(events)).toEqual([
        expect.stringMatching(
          `^the database ${database.address}:5432 does not answer: ${silence}$`,
        ),
      ]);
    } finally {
      await restoreLink(database.name);
    }
  });

  test('with the database down a change is made but not called done; it is paid when the database is back', async () => {
    await labExec(database.name, 'systemctl stop "postgresql@*"');
    const trouble = `the database ${database.address}:5432 does not answer: Connection refused`;
    const plan = await play('plan', ['--limit', 'master']);
    expect([waitingOf(plan.events), changesOf(plan.events)]).toEqual([[trouble], []]);
    const idle = await apply('--limit', 'master');
    expect([idle.code, failureOf(idle.events)?.message]).toEqual([
      1,
      `still cannot be planned after everything before it was applied: ${trouble}`,
    ]);
    writePlaybook('lava2.example.org');
    const changing = await apply('--limit', 'master');
    expect(changing.code).toBe(1);
    expect(failureOf(changing.events)?.output).toContain(trouble);

    const back = await apply();
    expect([back.code, failureOf(back.events)]).toEqual([0, undefined]);
    expect((await get('/api/v0.2/workers/', { host: 'lava2.example.org' })).status).toBe(200);
    const [finished] = ofType((await apply()).events, 'run-finished');
    expect(finished?.hosts).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'unchanged' }]);
  });

  function hostFor(role: LabHost['role']): LabHost {
    const host = labHosts().find((each) => each.role === role);
    if (!host) throw new Error(`the lab has no ${role}`);
    return host;
  }

  function writePlaybook(...names: readonly string[]): void {
    const playbook = masterPlays({ allowed_hosts: names, admin: '{{ lava.admin }}' });
    writeFileSync(join(folder, 'lava_server.playbook.yaml'), playbook);
  }

  function apply(...args: readonly string[]): ReturnType<typeof play> {
    return play('apply', args);
  }

  async function play(
    command: 'plan' | 'apply',
    args: readonly string[] = [],
  ): Promise<ProgramResult & { readonly events: readonly Event[] }> {
    const files = ['lava_server.yaml', '--playbook', 'lava_server.playbook.yaml'];
    const result = await lavaPlay([command, ...files, '--json', ...args], { cwd: folder });
    return { ...result, events: eventsOf(result.stdout) };
  }

  function waitingOf(events: readonly Event[]): readonly string[] {
    return ofType(events, 'host-planned').flatMap(({ pending }) =>
      pending.map(({ reason }) => reason),
    );
  }

  function changesOf(events: readonly Event[]): readonly string[] {
    return ofType(events, 'host-planned').flatMap(({ changes }) =>
      changes.map(({ resource }) => resource),
    );
  }

  function failureOf(events: readonly Event[]) {
    return ofType(events, 'host-failed')[0]?.failure;
  }

  /** A graceful reload of apache2 lets the old processes answer a little longer. */
  async function siteIsGone(): Promise<true | undefined> {
    return (await get('/api/v0.2/workers/')).status === 200 ? undefined : true;
  }

  /** The main process of each daemon and of services that are none of LAVA's business. */
  async function processes(): Promise<Readonly<Record<string, string>>> {
    const names = [...DAEMONS, 'apache2', 'ssh', 'systemd-journald'];
    const { stdout } = await labExec(master.name, [
      ...['systemctl', 'show', '--property=MainPID', '--value', ...names],
    ]);
    const pids = stdout.split('\n').filter((line) => line !== '');
    expect(pids).toHaveLength(names.length);
    return Object.fromEntries(names.map((name, i) => [name, pids[i] ?? '']));
  }

  async function django(python: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(
      master.name,
      'cd / && runuser -u lavaserver -- lava-server manage shell --verbosity 0',
      { stdin: `from django.contrib.auth.models import User\n${python}\n` },
    );
    expect(code, stderr).toBe(0);
    return stdout;
  }

  function get(
    path: string,
    options: { readonly token?: string; readonly host?: string } = {},
  ): Promise<Answer> {
    const { token, host } = options;
    return ask(path, {
      ...(token !== undefined && { authorization: `Token ${token}` }),
      ...(host !== undefined && { host }),
    });
  }

  /** Through the web page, as people do; its cookies must get over plain http. */
  async function canLogIn(password: string): Promise<boolean> {
    const page = await ask('/accounts/login/', {});
    const [, csrf = ''] = /csrftoken=([^;]+)/.exec(page.cookies) ?? [];
    const form = new URLSearchParams({ username: 'admin', password, csrfmiddlewaretoken: csrf });
    const headers = {
      cookie: `csrftoken=${csrf}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const { status, cookies } = await ask('/accounts/login/', headers, form.toString());
    expect([200, 302]).toContain(status);
    return status === 302 && cookies.includes('sessionid=');
  }

  interface Answer {
    readonly status: number;
    readonly body: string;
    readonly cookies: string;
  }

  function ask(
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const options = { host: master.address, path, method, headers: { ...headers, ...length } };
      request(options, (response) => {
        const cookies = (response.headers['set-cookie'] ?? []).join('\n');
        text(response).then(
          (answer) => resolve({ status: response.statusCode ?? 0, body: answer, cookies }),
          reject,
        );
      })
        .on('error', reject)
        .end(body);
    });
  }
});
