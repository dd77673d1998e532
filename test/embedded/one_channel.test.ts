import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../engine/transport/connect.ts';
import { hostErrorOf, sshConnection } from '../support/connection.ts';
import { eventually } from '../support/eventually.ts';
import { eventsOf, lavaPlay, ofType, startLavaPlay } from '../support/program.ts';
import { type Sshd, sshdMissing, startSshd } from '../support/sshd.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

/** Two resources, each a file that appears once a file `hold-NAME` is gone. */
const MODULE = `export default {
  name: 'held', summary: 'waits for somebody', example: '{ folder: /tmp, name: one }',
  schema: { type: 'object', additionalProperties: false, required: ['folder', 'name'],
    properties: { folder: { type: 'string' }, name: { type: 'string' } } },
  desired: ({ args: { folder, name } }) => [{
    id: 'marker ' + name, probe: 'cat ' + folder + '/' + name + ' 2>/dev/null || :', parse: String,
    change: (now) => now !== '' ? undefined : { before: '', after: 'made',
      steps: [{ title: 'make ' + name, script: 'cd ' + folder + '; echo $$ >pid-' + name
        + '; while [ -e hold-' + name + ' ]; do sleep 0.05; done; echo made >' + name }] },
  }],
};
`;

const missing = sshdMissing();

describe.skipIf(missing)(
  `a host whose sshd allows one channel${missing ? `: ${missing}` : ''}`,
  () => {
    let folder: TempFolder;
    let sshd: Sshd;
    let args: readonly string[];
    const at = (...names: readonly string[]): string => join(folder.path, ...names);

    beforeAll(async () => {
      folder = await tempFolder();
      mkdirSync(at('root/run'), { recursive: true });
      mkdirSync(at('root/var/lib'), { recursive: true });
      mkdirSync(at('modules'));
      mkdirSync(at('sshd'));
      const moved = `s#/(var/lib|run)/lava-play#${at('root')}/\\1/lava-play#g`;
      writeFileSync(at('shell'), `#!/bin/bash\nexec sh < <(exec sed -u -E '${moved}')\n`, {
        mode: 0o755,
      });
      sshd = await startSshd({
        folder: at('sshd'),
        config: ['MaxSessions 1', `ForceCommand ${at('shell')}`],
        hostKeyTypes: ['ed25519'],
      });
      writeFileSync(at('modules/held.js'), MODULE);
      const tasks = ['one', 'two'].map(
        (name) => `      - held: { folder: ${at()}, name: ${name} }\n`,
      );
      writeFileSync(at('play.yaml'), `- hosts: all\n  tasks:\n${tasks.join('')}`);
      const settings = `port: ${sshd.port}, user: root, identity_file: ${sshd.identityFile}`;
      const limits = 'command_timeout: 3, script_timeout: 600, become: false';
      for (const [name, limit] of [
        ['lab', limits.replace('3,', '600,')],
        ['hasty', limits],
      ] as const)
        writeFileSync(
          at(`${name}.yaml`),
          `all: { hosts: { far: { address: 127.0.0.1, known_hosts_file: ${sshd.knownHostsFile}, ${settings}, ${limit} } } }\n`,
        );
      args = ['--playbook', at('play.yaml'), '--modules', at('modules'), '--json'];
    });
    afterAll(async () => {
      await sshd?.stop();
      await folder?.remove();
    });
    beforeEach(() => {
      spawnSync('sh', ['-c', 'rm -f one two pid-* hold-*'], { cwd: at() });
    });

    const apply = (inventory: string) => ['apply', at(inventory), '--yes', ...args];
    const inRun = (): readonly string[] => readdirSync(at('root/run'));

    test('refuses a second', async () => {
      const { port, identityFile, knownHostsFile } = sshd;
      const files = { identityFiles: [identityFile], knownHostsFiles: [knownHostsFile] };
      const session = await connect(sshConnection(port, { name: '127.0.0.1', ...files }));
      expect(await session.run('echo one')).toBe('one\n');
      await hostErrorOf(session.runBeside('echo two'));
      await session.close();
    });

    test.each(['SIGINT', 'SIGHUP', 'SIGTERM'] as const)(
      '%s lets the running step finish, begins no other, frees the lock, and the end says interrupted',
      async (signal) => {
        writeFileSync(at('hold-one'), '');
        const run = startLavaPlay(apply('lab.yaml'));
        await eventually(() => expect(existsSync(at('pid-one'))).toBe(true));
        run.signal(signal);
        await eventually(() => expect(inRun().join()).toContain('.stop-'));
        spawnSync('rm', [at('hold-one')]);
        const { code, stdout } = await run.ended;
        expect(code).toBe(130);
        expect([existsSync(at('one')), existsSync(at('two'))]).toEqual([true, false]);
        expect(inRun()).toEqual([]);
        const [end] = ofType(eventsOf(stdout), 'run-finished');
        expect(end?.hosts).toMatchObject([{ host: 'far', outcome: 'interrupted', changes: 1 }]);
      },
    );

    test('a step past its limit is ended there with all that it runs, and the next apply goes on', async () => {
      writeFileSync(at('hold-one'), '');
      const { code, stdout } = await lavaPlay(apply('hasty.yaml'));
      expect(code).toBe(1);
      const [failed] = ofType(eventsOf(stdout), 'host-failed');
      expect(failed?.failure).toMatchObject({ code: 'timeout', resource: 'marker one' });
      expect(failed?.failure.message).toMatch(/printed nothing for 3 s and was stopped$/);
      const pid = readFileSync(at('pid-one'), 'utf8').trim();
      await eventually(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
      spawnSync('rm', [at('hold-one')]);
      expect((await lavaPlay(apply('lab.yaml'))).code).toBe(0);
      expect(inRun()).toEqual([]);
    });
  },
);
