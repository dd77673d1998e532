import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { eventsOf, lavaPlay, ofType, startLavaPlay } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { cutLink, labAccess, labExec, labHosts, powerOff, powerOn, restoreLink } from './lab.ts';
import { labName } from './paths.ts';

const host = `${labName}-worker02`;

/** Wants a file, and owes a restart that lasts as long as /run/hold is there. */
const markerModule = `export default {
  name: 'marker', summary: '', example: '',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  desired: () => ['first', 'second'].map((name) => ({
    id: 'file /etc/marker-' + name, probe: 'cat /etc/marker-' + name + ' 2>/dev/null || :', parse: String,
    change: (now) => now === 'new\\n' ? undefined : {
      before: now, after: 'new\\n',
      steps: [{ title: 'write ' + name, script:
        'while [ -e /run/hold-' + name + ' ]; do sleep 0.1; done; [ ! -e /run/fail-' + name + ' ] || exit 4; echo new > /etc/marker-' + name }],
      onChange: [{ id: 'restart marker', script:
        'while [ -e /run/hold ] || [ -e /etc/hold ]; do sleep 0.1; done; echo restarted >> /run/marker-log' }],
    },
  })),
};
`;

/** Wants two files, and owes for each a restart whose id is longer than a file name; they fail while /run/fail-long is there. */
const longModule = `export default {
  name: 'long', summary: '', example: '',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  desired: () => ['one', 'two'].map((name) => ({
    id: 'file /etc/marker-' + name, probe: 'cat /etc/marker-' + name + ' 2>/dev/null || :', parse: String,
    change: (now) => now === 'new\\n' ? undefined : {
      before: now, after: 'new\\n',
      steps: [{ title: 'write ' + name, script: 'echo new > /etc/marker-' + name }],
      onChange: [{ id: 'restart ' + 'x'.repeat(300) + name, script:
        '[ ! -e /run/fail-long ] || exit 5; echo ' + name + ' >> /run/marker-log' }],
    },
  })),
};
`;

const PENDING_FOLDER = '/var/lib/lava-play/owed';

describeOnLab('a run that is cut short', () => {
  let folder: string;
  let args: readonly string[];

  beforeAll(() => {
    folder = testFolder();
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'marker.js'), markerModule);
    writeFileSync(join(folder, 'long.js'), longModule);
    const playbook = join(folder, 'play.yaml');
    writeFileSync(playbook, '- hosts: workers\n  tasks:\n    - marker: {}\n');
    const { inventoryFile } = labAccess();
    args = [inventoryFile, '--playbook', playbook, '--modules', folder, '--limit', host, '--json'];
  });

  beforeEach(async () => {
    await labExec(
      host,
      'rm -rf /etc/marker-* /etc/hold /run/marker-log /run/hold* /run/fail-* /var/lib/lava-play/owed',
    );
  });

  test('leaves its restart pending; the next plan shows it and the next apply pays it', async () => {
    await labExec(host, 'touch /run/hold');
    const run = startLavaPlay(['apply', ...args]);
    await run.event((event) => event.type === 'handler-started');
    run.signal('SIGKILL');
    await run.ended;

    const locked = await lavaPlay(['apply', ...args]);
    expect(locked.code).toBe(1);
    const [failure] = ofType(eventsOf(locked.stdout), 'host-failed');
    expect(failure?.failure).toMatchObject({
      code: 'locked',
      message: expect.stringMatching(/@.* since \d{4}-/),
    });

    await labExec(host, KILL_HOLDER);
    await labExec(host, 'rm /run/hold');
    const plan = await lavaPlay(['plan', ...args, '--detailed-exitcode']);
    expect(plan.code).toBe(3);
    const [planned] = ofType(eventsOf(plan.stdout), 'host-planned');
    expect(planned?.changes).toEqual([]);
    expect(planned?.pendingHandlers).toEqual([
      expect.stringMatching(/^restart marker \(pending since the run of .*@/),
    ]);

    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
    expect((await labExec(host, 'cat /run/marker-log')).stdout).toBe('restarted\n');
    expect((await lavaPlay(['plan', ...args, '--detailed-exitcode'])).code).toBe(0);
  });

  test('by Ctrl-C ends its step, begins no other, frees the lock and says what is left', async () => {
    await labExec(host, 'touch /run/hold-first');
    const run = startLavaPlay(['apply', ...args]);
    await run.event((event) => event.type === 'step-started');
    run.signal('SIGINT');
    await run.event((event) => event.type === 'interrupted');
    await labExec(
      host,
      `until ls /run/lava-play.lock.stop-*; do sleep 0.1; done; rm /run/hold-first`,
    );
    expect((await run.ended).code).toBe(130);
    const { stdout } = await labExec(
      host,
      'cat /etc/marker-first; ls /etc/marker-second /run/lava-play.lock*',
    );
    expect(stdout).toBe('new\n');
    const [finished] = ofType(run.events(), 'run-finished');
    expect(finished?.hosts).toMatchObject([{ host, outcome: 'interrupted', changes: 1 }]);
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
    expect((await labExec(host, 'cat /run/marker-log')).stdout).toBe('restarted\n');
  });

  test('by a second Ctrl-C ends at once', async () => {
    await labExec(host, 'touch /run/hold-first');
    const run = startLavaPlay(['apply', ...args]);
    await run.event((event) => event.type === 'step-started');
    run.signal('SIGINT');
    await run.event((event) => event.type === 'interrupted');
    run.signal('SIGINT');
    expect((await run.ended).code).toBe(130);
    await labExec(host, `${KILL_HOLDER}; rm /run/hold-first`);
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
  });

  test('because nobody reads its output ends its step, begins no other and frees the lock; the next goes on', async () => {
    await labExec(host, 'touch /run/hold-first /run/hold-second');
    const run = startLavaPlay(['apply', ...args]);
    await run.event((event) => event.type === 'step-started');
    run.hangUp();
    await labExec(
      host,
      'rm /run/hold-first; until ls /run/lava-play.lock.stop-*; do sleep 0.1; done; rm /run/hold-second',
    );
    expect(await run.ended).toMatchObject({ code: 141, stderr: '' });
    const left = await labExec(host, 'cat /etc/marker-*; ls /run/marker-log /run/lava-play.lock*');
    expect(left.stdout).toBe('new\nnew\n');
    const { code, stdout } = await lavaPlay(['apply', ...args]);
    expect(code).toBe(0);
    expect(eventsOf(stdout).map(({ type }) => type)).not.toContain('step-started');
    expect((await labExec(host, 'cat /run/marker-log')).stdout).toBe('restarted\n');
  });

  test('by a step that fails still makes the restart of what was changed before it, and first what is pending', async () => {
    const old = {
      id: 'restart old',
      script: 'echo old >> /run/marker-log',
      since: 'eve since then',
    };
    const name = Buffer.from(old.id).toString('base64url');
    const text = Buffer.from(JSON.stringify(old)).toString('base64');
    await labExec(
      host,
      `mkdir -p ${PENDING_FOLDER}; echo ${text} > ${PENDING_FOLDER}/${name}; touch /run/fail-second`,
    );
    const { code, stdout } = await lavaPlay(['apply', ...args]);
    expect(code).toBe(1);
    expect(ofType(eventsOf(stdout), 'host-failed')).toMatchObject([
      { failure: { code: 'step-failed', resource: 'file /etc/marker-second' } },
    ]);
    expect((await labExec(host, 'cat /run/marker-log')).stdout).toBe('old\nrestarted\n');
    await labExec(host, 'rm /run/fail-second');
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
    expect((await labExec(host, `ls ${PENDING_FOLDER}`)).stdout).toBe('');
  });

  test('leaves an entry that cannot be read to somebody, and makes everything else', async () => {
    await labExec(host, `mkdir -p ${PENDING_FOLDER}; : > ${PENDING_FOLDER}/broken`);
    const { code, stdout } = await lavaPlay(['apply', ...args]);
    expect(code).toBe(1);
    expect(ofType(eventsOf(stdout), 'host-failed')).toMatchObject([
      {
        failure: {
          code: 'unreadable-ledger',
          message: expect.stringContaining(`${PENDING_FOLDER}/broken`),
        },
      },
    ]);
    expect((await labExec(host, 'cat /etc/marker-second /run/marker-log')).stdout).toBe(
      'new\nrestarted\n',
    );
    expect((await lavaPlay(['apply', ...args])).code).toBe(1);
    await labExec(host, `rm ${PENDING_FOLDER}/broken`);
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
  });

  test('owes two restarts whose names begin with the same 300 characters', async () => {
    const playbook = join(folder, 'long.yaml');
    writeFileSync(playbook, '- hosts: workers\n  tasks:\n    - long: {}\n');
    const long = ['apply', ...args, '--playbook', playbook];
    await labExec(host, 'touch /run/fail-long');
    expect((await lavaPlay(long)).code).toBe(1);
    await labExec(host, 'rm /run/fail-long');
    expect((await lavaPlay(long)).code).toBe(0);
    expect((await labExec(host, 'sort /run/marker-log')).stdout).toBe('one\ntwo\n');
  });

  test('by a loss of power of the host in the middle of a restart makes it after the next boot', async () => {
    await labExec(host, 'touch /etc/hold');
    const run = startLavaPlay(['apply', ...args]);
    await run.event((event) => event.type === 'handler-started');
    await powerOff(host);
    await powerOn(host);
    const { code } = await run.ended;
    expect(code).toBe(4);
    const left = await labExec(
      host,
      `cat /etc/marker-*; ls -A /run/lava-play.lock* ${PENDING_FOLDER}`,
    );
    expect(left.stdout.split('\n').slice(0, 2)).toEqual(['new', 'new']);
    expect(left.stdout).not.toContain('lock');
    await labExec(host, 'rm /etc/hold');
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
    const { stdout } = await labExec(host, `cat /run/marker-log; ls -A ${PENDING_FOLDER}`);
    expect(stdout).toBe('restarted\n');
  });

  test('of a host that starts no more sessions says so, and the next apply goes on', async () => {
    const conf = '/etc/ssh/sshd_config.d/full.conf';
    const restart = 'systemctl restart ssh';
    await labExec(host, `echo 'MaxStartups 1' >${conf}; ${restart}`);
    const silent = connect(22, labHosts().find(({ name }) => name === host)?.address ?? '');
    try {
      await once(silent, 'data');
      const { code, stdout } = await lavaPlay(['apply', ...args]);
      expect(code).toBe(4);
      expect(ofType(eventsOf(stdout), 'host-failed')).toMatchObject([
        { failure: { code: 'not-ssh', hint: expect.stringContaining('MaxStartups') } },
      ]);
    } finally {
      silent.destroy();
      await labExec(host, `rm ${conf}; ${restart}`);
    }
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
  });

  test('an account without a shell, and /tmp without programs: the one is told, the other does no harm', async () => {
    await labExec(
      host,
      'usermod --shell /usr/sbin/nologin admin; mount -t tmpfs -o noexec none /tmp',
    );
    const refused = await lavaPlay(['apply', ...args]);
    await labExec(host, 'usermod --shell /bin/bash admin');
    expect(refused.code).toBe(4);
    expect(ofType(eventsOf(refused.stdout), 'host-failed')).toMatchObject([
      {
        failure: {
          code: 'login-shell',
          message: expect.stringContaining('This account is currently not available'),
        },
      },
    ]);
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
    await labExec(host, 'umount /tmp');
  });

  test('a host that is cut off is reported within the connect limit, and applied when it is back', async () => {
    await cutLink(host);
    try {
      const { code, stdout } = await lavaPlay(['apply', ...args]);
      expect(code).toBe(4);
      expect(ofType(eventsOf(stdout), 'host-failed')).toMatchObject([
        { host, failure: { kind: 'unreachable' } },
      ]);
    } finally {
      await restoreLink(host);
    }
    expect((await lavaPlay(['apply', ...args])).code).toBe(0);
  });
});

/** Ends the shell that holds the lock, and what it runs, as a power cut would. */
const KILL_HOLDER = `pid=$(readlink /run/lava-play.lock | cut -d: -f1)
kill -KILL $(cat /proc/$pid/task/$pid/children) $pid; while [ -e /proc/$pid ]; do sleep 0.1; done`;
