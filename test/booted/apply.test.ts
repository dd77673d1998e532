import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ChangeView, Event } from '../../engine/events/event.ts';
import { MASK } from '../../engine/script/mask.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType, program } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { startAtTerminal } from '../support/terminal.ts';
import { describeOnLab } from './describe_on_lab.ts';
import type { FileEntry } from './file_list.ts';
import { labAccess, labExec, labHosts, listFiles, readHostFile, resetHost } from './lab.ts';

type Listing = ReadonlyMap<string, ReadonlyMap<string, FileEntry>>;

/** The engine's own folder on a host: what is kept of earlier texts, and what is pending. */
const OWN = '/var/lib/lava-play';

/** Where a login by ssh and sudo leaves traces, whoever makes it, and where PostgreSQL writes at its own time. */
const TRACES =
  /^\/var\/(log|lib\/(sudo|systemd|private|postgresql))(\/|$)|^\/run\/|^\/var\/cache\//;

function listAll(): Listing {
  return new Map(labHosts().map(({ name }) => [name, listFiles(name)]));
}

/** Paths of a host that differ between two listings, traces of logins and our own folder apart. */
function changedPaths(host: string, before: Listing, after: Listing): readonly string[] {
  const old = before.get(host) ?? new Map();
  const now = after.get(host) ?? new Map();
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths]
    .filter((path) => JSON.stringify(old.get(path)) !== JSON.stringify(now.get(path)))
    .filter((path) => !TRACES.test(path) && path !== OWN && !path.startsWith(`${OWN}/`))
    .sort();
}

function announced(events: readonly Event[], host: string): readonly ChangeView[] {
  return ofType(events, 'host-planned')
    .filter((event) => event.host === host)
    .flatMap(({ changes }) => changes);
}

/** The paths that changes of files, folders and links are about. */
function pathsOf(changes: readonly ChangeView[]): readonly string[] {
  return changes
    .map(({ resource }) => /^(file|directory|symlink|absent) (\/.*)$/.exec(resource)?.[2])
    .filter((path) => path !== undefined)
    .sort();
}

/** Files that `useradd` and `groupadd` keep; announced as `user NAME` and `group NAME`. */
const ACCOUNTS = /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$/;

describeOnLab('lava-play on booted hosts', () => {
  let password: string;
  let inventory: string;
  const hosts = (): readonly string[] => labHosts().map(({ name }) => name);
  const workers = (): readonly string[] => hosts().filter((name) => name.includes('worker'));

  beforeAll(async () => {
    for (const host of hosts()) await resetHost(host);
    inventory = labAccess().inventoryFile;
    password = readFileSync(join(dirname(inventory), 'secrets/lava_db_password'), 'utf8').trim();
  });

  describe('from bare hosts', () => {
    let bare: Listing;
    let plan: readonly Event[];
    let made: Listing;
    let apply: readonly Event[];

    test('plan shows every diff, exits with 3 and touches nothing', async () => {
      bare = listAll();
      const { code, stdout, stderr } = await lavaPlay([
        'plan',
        inventory,
        '--json',
        '--detailed-exitcode',
      ]);
      expect(stderr).toBe('');
      plan = eventsOf(stdout);
      expect(ofType(plan, 'host-failed')).toEqual([]);
      expect(code).toBe(3);
      const after = listAll();
      for (const host of hosts()) expect(changedPaths(host, bare, after)).toEqual([]);
      for (const host of hosts()) expect(announced(plan, host).length).toBeGreaterThan(0);
      for (const change of hosts().flatMap((host) => announced(plan, host))) {
        expect(change.diff).toContain(`+++ ${change.resource}`);
      }
    });

    foundation('apply makes it so and proves the logins', async () => {
      const { code, stdout, stderr } = await lavaPlay(['apply', inventory, '--json']);
      apply = eventsOf(stdout);
      expect(ofType(apply, 'host-failed')).toEqual([]);
      expect([code, stderr]).toEqual([0, '']);
      made = listAll();
      const proved = ofType(apply, 'proved').map(({ host }) => host);
      expect(proved.sort()).toEqual(
        hosts()
          .filter((name) => name !== 'lab-db')
          .sort(),
      );
    });

    test('what changed on disk is what the plan announced', async () => {
      for (const host of hosts()) {
        const expected = pathsOf(announced(plan, host));
        const changed = changedPaths(host, bare, made);
        const unexplained = changed.filter(
          (path) => !expected.includes(path) && !ACCOUNTS.test(path),
        );
        if (host === 'lab-db') {
          const later = pathsOf(announced(apply, host));
          const byPackages = unexplained.filter((path) => !later.includes(path));
          expect(byPackages.filter((path) => !FROM_PACKAGES.test(path))).toEqual([]);
          expect(
            ofType(plan, 'host-planned').find((event) => event.host === host)?.pending,
          ).toHaveLength(2);
        } else {
          expect(unexplained.filter((path) => !isParent(path, changed))).toEqual([]);
          expect(expected.filter((path) => !changed.includes(path))).toEqual([]);
        }
      }
    });

    test('every announced text is on disk to the byte, passwords apart', async () => {
      const files = hosts().flatMap((host) =>
        announced(plan, host)
          .filter(({ resource }) => resource.startsWith('file '))
          .map((change) => ({ host, change })),
      );
      expect(files.length).toBeGreaterThan(5);
      for (const { host, change } of files) {
        const text = await readHostFile(host, change.resource.slice('file '.length));
        expect(text.replaceAll(password, MASK), `${host} ${change.resource}`).toBe(change.after);
        expect(change.before).toBe('');
      }
    });

    test('the second apply changes nothing and takes two scripts a host', async () => {
      const before = listAll();
      const { code, stdout } = await lavaPlay(['apply', inventory, '--json']);
      expect(code).toBe(0);
      const [finished] = ofType(eventsOf(stdout), 'run-finished');
      expect(finished?.hosts).toEqual(
        hosts().map((host) => ({
          ...{ host, outcome: 'unchanged', scripts: 2 },
          ...{ changes: 0, runs: 0, pending: 0, deferred: 0 },
        })),
      );
      const after = listAll();
      for (const host of hosts()) expect(changedPaths(host, before, after)).toEqual([]);
    });
  });

  describe('the database', () => {
    const login = (host: string, options: { user?: string; database?: string; word?: string }) =>
      labExec(
        host,
        `PGPASSWORD='${options.word ?? password}' psql -h ${address('lab-db')} -U ${options.user ?? 'lavaserver'} -d ${options.database ?? 'lavaserver'} -Atc 'select 1'`,
      );

    function address(name: string): string {
      return labHosts().find((host) => host.name === name)?.address ?? '';
    }

    beforeAll(async () => {
      for (const host of ['lab-master', 'lab-worker01']) {
        const { code, stderr } = await labExec(
          host,
          'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends postgresql-client',
          { timeoutMs: 240_000 },
        );
        expect(code, stderr).toBe(0);
      }
    });

    test('lets the master and the workers in with the password', async () => {
      for (const host of ['lab-master', 'lab-worker01']) {
        expect(await login(host, {})).toMatchObject({ code: 0, stdout: '1\n' });
      }
    });

    test.each([
      ['a wrong password', { word: 'not-the-password' }, /password authentication failed/],
      ['another database', { database: 'postgres' }, /no pg_hba.conf entry/],
      ['another role', { user: 'postgres' }, /no pg_hba.conf entry/],
    ])('refuses %s', async (_what, options, reason) => {
      const { code, stderr } = await login('lab-worker01', options);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(reason);
    });

    test('refuses a host that left the inventory, and lets it in again when it is back', async () => {
      const whole = readFileSync(inventory, 'utf8');
      const without = join(dirname(inventory), 'without-worker01.yaml');
      writeFileSync(without, whole.replace(/^ {4}lab-worker01: .*\n/m, ''));
      const left = await lavaPlay(['apply', without, '--limit', 'database', '--json']);
      expect(left.code, left.stdout).toBe(0);
      expect((await login('lab-worker01', {})).stderr).toMatch(/no pg_hba.conf entry/);
      expect((await lavaPlay(['apply', inventory, '--json'])).code).toBe(0);
      expect(await login('lab-worker01', {})).toMatchObject({ code: 0 });
    });

    test('a reload that was lost is noticed and made up for', async () => {
      await labExec('lab-db', `${NEXT_SECOND}; touch /etc/postgresql/*/main/pg_hba.conf`);
      const { stdout } = await lavaPlay(['apply', inventory, '--json']);
      expect(ofType(eventsOf(stdout), 'handler-finished').map(({ handler }) => handler)).toEqual([
        expect.stringMatching(/^reload postgresql@/),
      ]);
    });

    test("the old tool's line for everybody is found, shown and removed", async () => {
      const hba = (await labExec('lab-db', 'ls /etc/postgresql/*/main/pg_hba.conf')).stdout.trim();
      const clean = await readHostFile('lab-db', hba);
      await labExec('lab-db', `printf 'host    all    all    0.0.0.0/0    trust\\n' >> ${hba}`);
      const plan = await lavaPlay(['plan', inventory]);
      expect(plan.stdout).toMatch(/^-host {4}all {4}all {4}0\.0\.0\.0\/0 {4}trust$/m);
      expect((await lavaPlay(['apply', inventory])).code).toBe(0);
      expect(await readHostFile('lab-db', hba)).toBe(clean);
    });

    test('a broken line of others is refused with its number and words, before anything is written', async () => {
      const hba = (await labExec('lab-db', 'ls /etc/postgresql/*/main/pg_hba.conf')).stdout.trim();
      const clean = await readHostFile('lab-db', hba);
      await labExec('lab-db', `printf 'host all all nonsense scram-sha-256 what\\n' >> ${hba}`);
      const broken = await readHostFile('lab-db', hba);
      const { code, stdout } = await lavaPlay(['apply', inventory]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/lab-db.*pg_hba/);
      expect(stdout).toContain(`${hba}:${broken.trimEnd().split('\n').length}: `);
      expect(await readHostFile('lab-db', hba)).toBe(broken);
      await labExec('lab-db', `cat > ${hba}`, { stdin: clean });
      expect((await lavaPlay(['apply', inventory])).code).toBe(0);
    });
  });

  describe('drift and secrets', () => {
    test('a file that was edited by hand is shown as a diff and put right, to the byte', async () => {
      const conf = '/srv/lava/instances/lab/etc/lava-server/default_database.conf';
      const right = await readHostFile('lab-worker01', conf);
      await labExec('lab-worker01', `sed -i "s/^dbpass=.*/dbpass='old-hand-made-secret'/" ${conf}`);
      const plan = await lavaPlay(['plan', inventory]);
      expect(plan.stdout).toContain('default_database.conf');
      expect(plan.stdout).not.toContain('old-hand-made-secret');
      const apply = await lavaPlay(['apply', inventory, '-v']);
      expect(apply.code).toBe(0);
      expect(apply.stdout).not.toContain('old-hand-made-secret');
      expect(await readHostFile('lab-worker01', conf)).toBe(right);
    });

    test('on a terminal it asks: a no changes nothing, a yes makes the change', async () => {
      const conf = '/srv/lava/instances/lab/etc/lava-server/worker.conf';
      const right = await readHostFile('lab-worker01', conf);
      const edited = right.replace("'300'", "'30'");
      await labExec('lab-worker01', `cat > ${conf}`, { stdin: edited });
      const declined = await onTerminal(['apply', inventory], 'n\n');
      expect(declined.stdout).toContain('Make these changes? [y/N]');
      expect(declined.stdout).toContain('1 change not made');
      expect(declined.status).toBe(1);
      expect(await readHostFile('lab-worker01', conf)).toBe(edited);
      const accepted = await onTerminal(['apply', inventory], 'y\n');
      expect(accepted.stdout).toMatch(/lab-worker01 +.*changed/);
      expect(accepted.status).toBe(0);
      expect(await readHostFile('lab-worker01', conf)).toBe(right);
    });

    test('the password is nowhere but where it belongs', async () => {
      for (const host of hosts()) {
        await labExec(host, SAMPLER);
      }
      const changed = inventory.replace('inventory.yaml', 'sampled.yaml');
      writeFileSync(
        changed,
        readFileSync(inventory, 'utf8').replace('timeout: 300', 'timeout: 240'),
      );
      const runs = await Promise.all([lavaPlay(['apply', changed, '-v'])]);
      runs.push(await lavaPlay(['plan', inventory, '--json']));
      runs.push(await lavaPlay(['apply', inventory, '--json']));
      runs.push(await lavaPlay(['facts', 'lab-db', inventory]));
      runs.push(await lavaPlay(['inventory', inventory]));
      for (const { code, stdout, stderr } of runs) {
        expect(code).toBe(0);
        expect(stdout + stderr).not.toContain(password);
      }
      for (const host of hosts()) {
        const found = await labExec(host, SEARCH, { stdin: password });
        const where = found.stdout
          .trim()
          .split('\n')
          .filter((line) => line !== '');
        expect(where.filter((line) => !BELONGS.test(line))).toEqual([]);
        if (workers().includes(host)) expect(where.length).toBeGreaterThan(0);
      }
    });

    test('the search would find it', async () => {
      await labExec('lab-worker01', 'cat > /root/leak', { stdin: `x${password}y` });
      const { stdout } = await labExec('lab-worker01', SEARCH, { stdin: password });
      expect(stdout).toContain('/root/leak');
      await labExec('lab-worker01', 'rm /root/leak; logger -- leaked-$(cat)', { stdin: password });
      await labExec('lab-worker01', SAMPLER);
      await labExec(
        'lab-worker01',
        `sh -c 'until grep -qaF "$1" /run/sampled; do :; done' x ${password}`,
      );
      const again = await labExec('lab-worker01', SEARCH, { stdin: password });
      expect(again.stdout).toContain('journal');
      expect(again.stdout).toContain('sampled command lines');
    });
  });

  test('become with a password works, and a wrong one is said to be wrong', async () => {
    const { carol } = labAccess();
    const text = readFileSync(inventory, 'utf8');
    const file = join(dirname(inventory), 'carol.yaml');
    writeFileSync(
      file,
      text
        .replace(
          'user: admin',
          `user: carol\n    password: !secret carol_password\n    become_password: !secret carol_password`,
        )
        .replace('secrets:\n', 'secrets:\n  carol_password: { file: secrets/carol_password }\n'),
    );
    const { code, stdout, stderr } = await lavaPlay(['apply', file, '--limit', 'lab-worker02']);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout + stderr).not.toContain(carol.password);
    const wrong = join(dirname(inventory), 'carol-wrong.yaml');
    writeFileSync(
      wrong,
      readFileSync(file, 'utf8').replace(
        'become_password: !secret carol_password',
        'become_password: !secret lava_db_password',
      ),
    );
    const refused = await lavaPlay(['plan', wrong, '--limit', 'lab-worker02']);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toMatch(/lab-worker02.*sudo/);
  });

  test('a task with become_user reads and writes as that user', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'whoami.js'), WHOAMI);
    const playbook = join(folder, 'play.yaml');
    writeFileSync(
      playbook,
      '- hosts: workers\n  tasks:\n    - whoami: {}\n      become_user: carol\n',
    );
    const args = [inventory, '--playbook', playbook, '--modules', folder, '--json'];
    const { code, stdout } = await lavaPlay(['apply', ...args, '--limit', 'lab-worker02']);
    expect(code, stdout).toBe(0);
    const [planned] = ofType(eventsOf(stdout), 'host-planned').filter(
      ({ host }) => host === 'lab-worker02',
    );
    expect(planned?.changes).toMatchObject([{ before: 'carol\n' }]);
    const made = await labExec('lab-worker02', 'stat -c %U /tmp/made-by && cat /tmp/made-by');
    expect(made.stdout).toBe('carol\ncarol\n');
  });

  test('a host that cannot be reached is named, and the others are applied', async () => {
    const file = join(dirname(inventory), 'one-dead.yaml');
    writeFileSync(file, readFileSync(inventory, 'utf8'));
    appendFileSync(file, '    lab-worker99: { address: 127.0.0.1, port: 1 }\n');
    const { code, stdout } = await lavaPlay(['apply', file]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/unreachable: lab-worker99/);
    expect(stdout).toMatch(/^lab-worker01 +unchanged/m);
    expect((await lavaPlay(['apply', inventory])).code).toBe(0);
  });
});

/** Reads who it is, and writes it to a file. */
const WHOAMI = `export default {
  name: 'whoami', summary: '', example: '',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  desired: () => [{
    id: 'whoami', probe: 'if [ -e /tmp/made-by ]; then echo made; else id -un; fi', parse: String,
    change: (now) => now === 'made\\n' ? undefined
      : { before: now, after: 'made\\n', steps: [{ title: 'write', script: 'id -un > /tmp/made-by' }] },
  }],
};
`;

/** Runs the program on a terminal, with something typed into it. */
async function onTerminal(
  args: readonly string[],
  typed: string,
): Promise<{ stdout: string; status: number | null }> {
  const terminal = startAtTerminal([process.execPath, program, ...args]);
  terminal.stdin.end(typed);
  const [stdout] = await Promise.all([text(terminal.stdout), once(terminal, 'close')]);
  return { stdout, status: terminal.exitCode };
}

/** Waits until the second is over in which PostgreSQL read its files last: it knows the age of a file in seconds. */
const NEXT_SECOND = `until [ "$(runuser -u postgres -- psql -XAtc 'select now() > pg_conf_load_time() + interval $$1 s$$')" = t ]; do sleep 0.1; done`;

/** Packages and their scripts own these on the database host. */
const FROM_PACKAGES =
  /^\/(usr|etc\/(inputrc|alternatives|apt|ca-certificates|cron\.d|default|dpkg|init\.d|ld\.so|locale|logcheck|logrotate\.d|pam\.d|perl|postgresql|postgresql-common|rc\d?S?\.d|ssl|sysctl\.d|systemd|\.pwd\.lock|passwd|group|shadow|gshadow|subuid|subgid)|var\/(lib\/(apt|dpkg|pam|postgresql|systemd|ucf|update|python)|spool|backups|mail)|boot|lib|root|home|srv)|^\/etc$|^\/var$|^\/var\/lib$|^\/$/;

function isParent(path: string, paths: readonly string[]): boolean {
  return paths.some((other) => other.startsWith(path === '/' ? '/' : `${path}/`));
}

/** Writes every command line and environment that appears on a host to a file, for as long as /run/sampling is there. */
const SAMPLER = `touch /run/sampling; rm -f /run/sampled /run/sampler-ended
setsid sh -c 'while [ -e /run/sampling ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" " "; done > /run/sampled; touch /run/sampler-ended' </dev/null >/dev/null 2>&1 &`;

/** Prints the places where the text on standard input is found: sampled command lines, the journal, files. */
const SEARCH = `cat > /run/word
if [ -e /run/sampling ]; then
  rm /run/sampling; until [ -e /run/sampler-ended ]; do sleep 0.1; done
  if grep -qaFf /run/word /run/sampled; then echo sampled command lines; fi
fi
if journalctl --no-pager -o cat | grep -qaFf /run/word; then echo journal; fi
grep -rlFf /run/word /etc /srv /root /home /tmp /var --exclude-dir=journal 2>/dev/null
rm -f /run/word /run/sampled`;

/** Where the password has to stand, and its earlier texts, readable by root alone. */
const BELONGS =
  /^\/srv\/lava\/instances\/lab\/etc\/lava-server\/(instance|default_database)\.conf$|^\/srv\/lava\/instances\/lab\/instance\.conf$|^\/var\/lib\/lava-play\/backup\//;
