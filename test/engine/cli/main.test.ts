import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeEach, describe, expect, test } from 'vitest';
import eventsSchema from '../../../schema/events.schema.json' with { type: 'json' };
import { eventsOf, lavaPlay, program, startLavaPlay } from '../../support/program.ts';
import { testFolder } from '../../support/temp_folder.ts';

let folder: string;

beforeEach(() => {
  folder = testFolder();
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** A module that wants one file and knows no more of LAVA. */
const noteModule = `export default {
  name: 'note', summary: 'writes a note', example: '{ path: /tmp/note, text: hello }',
  schema: { type: 'object', additionalProperties: false, required: ['path', 'text'],
    properties: { path: { type: 'string' }, text: { type: 'string' } } },
  desired: ({ args }) => [{
    id: 'note ' + args.path, probe: "cat '" + args.path + "' 2>/dev/null || :", parse: String,
    change: (now) => now === args.text ? undefined
      : { before: now, after: args.text, steps: [{ title: 'write', script: 'true' }] },
  }],
};
`;

describe('the command line', () => {
  test.each([
    [['--help'], 0, /Usage: lava-play COMMAND/],
    [['help', 'apply'], 0, /Usage: lava-play apply/],
    [['apply', '--help'], 0, /--dry-run/],
    [['plan', '-h'], 0, /--detailed-exitcode/],
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['modules'], 0, /^postgres_allow_remote .*\n(.*\n)*write_instance_conf /m],
    [['modules', 'postgres_allow_remote'], 0, /password \(string, required\)/],
    [[], 2, /Usage: lava-play COMMAND/],
  ])('%j ends with %d', async (args, code, text) => {
    const result = await lavaPlay(args, { cwd: folder });
    expect(result.code).toBe(code);
    expect(result.stdout).toMatch(text);
  });

  test.each([
    [['aply'], /unknown command 'aply'\n {2}hint: did you mean 'apply'/],
    [['inventory.yaml'], /hint: lava-play apply inventory.yaml/],
    [['apply', '--dryrun'], /no option '--dryrun'\n {2}hint: did you mean '--dry-run'/],
    [['apply', '--forks', 'many'], /--forks must be a whole number/],
    [['apply', 'a.yaml', 'b.yaml'], /unexpected argument 'b.yaml'/],
    [['apply', '--limit'], /limit/],
    [['facts'], /no host given/],
    [['unlock', 'lab.yaml'], /no host given/],
    [['unlock', 'a', 'b.yaml', './c'], /two inventories: b.yaml, .\/c/],
    [['modules', 'postgres_allow_remot'], /did you mean 'postgres_allow_remote'/],
    [['apply'], /no inventory\.yaml in this folder\n {2}hint: .*inventory\.example\.yaml/],
    [['apply', 'missing.yaml'], /missing\.yaml/],
    [['modules', '--modules', 'nowhere'], /nowhere/],
  ])('%j is refused with 2 and the nearest right thing', async (args, text) => {
    const { code, stdout, stderr } = await lavaPlay(args, { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(stdout).toBe('');
  });

  test('broken files are refused with place, caret and hint before any connection is opened', async () => {
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const inventory = write(
      'inventory.yaml',
      `workers:\n  hosts:\n    w1: { address: 127.0.0.1, prot: 5, port: ${port}, boards: [{ name: b1, serial: { usb_seral: FT1 } }] }\n`,
    );
    const playbook = write('play.yaml', '- hosts: workers\n  tasks:\n    - nte: {}\n');
    const { code, stderr } = await lavaPlay(['apply', inventory, '--playbook', playbook]);
    server.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(/inventory\.yaml:3:\d+: error: .*usb_seral/);
    expect(stderr).toMatch(/play\.yaml:3:7: error: .*nte/);
    expect(stderr).toMatch(/^ +\^+$/m);
    expect(stderr).toContain("usb_serial'");
    expect(connections).toBe(0);
  });

  test('a secret is asked for only when the files are right, and never shown', async () => {
    const text =
      'proxy:\n  hosts: { w1: { address: 127.0.0.1, password: !secret p } }\nsecrets: { p: { env: LAVA_PLAY_TEST_SECRET } }\n';
    const inventory = write('inventory.yaml', text);
    const refused = await lavaPlay(['plan', inventory]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('LAVA_PLAY_TEST_SECRET');
    expect((await lavaPlay(['validate', inventory])).code).toBe(0);
    const shown = await lavaPlay(['inventory', inventory], {
      env: { LAVA_PLAY_TEST_SECRET: 'hunter22' },
    });
    expect(shown.stdout).not.toContain('hunter22');
  });
});

describe('a lab that no play or no task is for', () => {
  const commands = [['plan'], ['apply'], ['apply', '--dry-run'], ['validate']];

  test.each(commands)('%j %j names the group that is meant, with 2', async (...command) => {
    write('inventory.yaml', 'worker: { hosts: { w1: { address: 127.0.0.1 } } }\n');
    const { code, stdout, stderr } = await lavaPlay(command, { cwd: folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain("did you mean the group 'worker'");
  });

  test.each(commands)('%j %j says which tags there are, with 2', async (...command) => {
    write('inventory.yaml', 'workers: { hosts: { w1: { address: 127.0.0.1 } } }\n');
    const args = [...command, '--tags', 'consoles,nonsense'];
    const { code, stdout, stderr } = await lavaPlay(args, { cwd: folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/no task has the tag 'nonsense'\n {2}hint: the tags are: .*consoles/);
  });

  test('is none with a part of the groups, or a part of the tasks', async () => {
    const hosts = '{ hosts: { db: { address: 127.0.0.1 } } }';
    const lava = 'all: { vars: { lava: { db: { password: hunter22 } } } }';
    write('inventory.yaml', `${lava}\ndatabase: ${hosts}\n`);
    const { code, stdout } = await lavaPlay(['validate'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 host, \d plays, 1 task: all right\n$/);
    const tagged = await lavaPlay(['validate', '--tags', 'database'], { cwd: folder });
    expect(tagged.stdout).toMatch(/1 task: all right\n$/);
    const others = await lavaPlay(['validate', '--tags', 'consoles'], { cwd: folder });
    expect(others.code).toBe(2);
    expect(others.stderr).toContain(
      '--tags consoles selects no task\n  hint: matching tasks are for workers',
    );
  });
});

describe('a plan on this machine with a module of one’s own', () => {
  const files = (): readonly string[] => {
    write('note.js', noteModule);
    write('inventory.yaml', 'all: { hosts: { here: { connection: local, become: false } } }\n');
    write('package.json', '{ "type": "module" }');
    const playbook = write(
      'play.yaml',
      `- hosts: all\n  tasks:\n    - note: { path: ${folder}/note, text: hello }\n`,
    );
    return ['--playbook', playbook, '--modules', folder];
  };

  test('shows the diff and exits with 3 when asked to', async () => {
    const args = ['plan', ...files(), '--detailed-exitcode'];
    const { code, stdout, stderr } = await lavaPlay(args, { cwd: folder });
    expect(stderr).toBe('');
    expect(code).toBe(3);
    expect(stdout).toContain('+hello');
    expect((await lavaPlay(args.slice(0, -1), { cwd: folder })).code).toBe(0);
    write('note', 'hello');
    expect((await lavaPlay(args, { cwd: folder })).code).toBe(0);
  });

  test('prints JSON lines that fit their schema', async () => {
    const { stdout } = await lavaPlay(['plan', ...files(), '--json'], { cwd: folder });
    const validate = new Ajv({ strict: false }).compile(eventsSchema);
    const events = eventsOf(stdout);
    expect(events.map(({ type }) => type)).toEqual([
      'run-started',
      'host-connecting',
      'host-connected',
      'host-planned',
      'host-finished',
      'run-finished',
    ]);
    for (const event of events) expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...events[0], surprise: 1 })).toBe(false);
  });

  test('prints mistakes as JSON lines as well when asked for JSON', async () => {
    const args = files();
    write('inventory.yaml', 'all: { hosts: { here: { connction: local, become: maybe } } }\n');
    const { stdout, stderr, code } = await lavaPlay(['plan', ...args, '--json'], { cwd: folder });
    const validate = new Ajv({ strict: false }).compile(eventsSchema);
    const events = eventsOf(stdout);
    expect(code).toBe(2);
    expect(events).toMatchObject([
      { type: 'mistake', mistake: { code: 'not-allowed', place: { line: 1 } } },
    ]);
    for (const event of events) expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
    expect(stderr).toContain('become cannot be');
  });

  test('asks nothing of hosts outside the limit that it would not say', async () => {
    const args = files();
    write(
      'inventory.yaml',
      'all: { hosts: { here: { connection: local, become: false }, there: { connection: local, become: false } } }\n',
    );
    const { stdout, code } = await lavaPlay(['plan', ...args, '--limit', 'here'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain('there: outside the limit, not touched; 1 change waiting there');
    expect(stdout).toMatch(/dry run: 1 host, 1 would change; 1 change to make/);
  });
});

describe('a program whose output is lost', () => {
  /** Two hosts that are this machine, so that there is more to say than one line. */
  const files = (): readonly string[] => {
    write('note.js', noteModule);
    write('package.json', '{ "type": "module" }');
    write('inventory.yaml', 'all: { hosts: { here: { connection: local, become: false } } }\n');
    const tasks = `- note: { path: ${folder}/note, text: hello }`;
    const playbook = write('play.yaml', `- hosts: all\n  tasks:\n    ${tasks}\n`);
    return ['--playbook', playbook, '--modules', folder];
  };

  test.each([
    [['--help']],
    [['modules']],
    [['inventory']],
    [['validate']],
    [['plan']],
    [['plan', '--json']],
    [['plan', '--detailed-exitcode']],
    [['apply', '--dry-run']],
    [['status', '--watch']],
    [['check', '--json']],
    [['report', '-o', '-']],
  ])('%j ends quietly with 141 when nobody reads it', async ([command = '', ...more]) => {
    const options = ['--help', 'modules', 'inventory'].includes(command) ? [] : files();
    files();
    const run = startLavaPlay([command, ...options, ...more], { cwd: folder });
    run.hangUp();
    expect(await run.ended).toEqual({ code: 141, stdout: '', stderr: '' });
  });

  test.each([[['--help']], [['plan']], [['apply']], [['check', '--json']]])(
    '%j says in one sentence that there is no room for it, and ends with 1',
    async ([command = '', ...more]) => {
      const options = command === '--help' ? [] : files();
      const args = [command, ...options, ...more];
      const { code, stderr } = await lavaPlay(args, { cwd: folder, stdoutTo: '/dev/full' });
      expect(stderr).toMatch(/^error: cannot write to standard output: .*no space left.*\n$/);
      expect(code).toBe(1);
    },
  );

  test('an output to which nothing is to be written is not missed', async () => {
    const refused = await lavaPlay(['aply'], { cwd: folder, stdoutTo: '/dev/full' });
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: unknown command/),
    });
  });

  test('a lost standard error stops nothing, and is not a success', async () => {
    const args = ['plan', ...files(), '--limit', 'nobody'];
    const refused = await lavaPlay(args, { cwd: folder, stderrTo: '/dev/full' });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    write('warns.yaml', 'all: { hosts: { here: { connection: local, bords: 1 } } }\n');
    const list = await lavaPlay(['inventory', 'warns.yaml'], { cwd: folder });
    expect(list).toMatchObject({ code: 0, stderr: expect.stringContaining('bords') });
    const deaf = await lavaPlay(['inventory', 'warns.yaml'], {
      cwd: folder,
      stderrTo: '/dev/full',
    });
    expect(deaf).toMatchObject({ code: 1, stdout: list.stdout });
  });

  test('a report for which there is no room says so in one sentence, and leaves the device as it is', async () => {
    const args = ['report', ...files(), '--no-plan'];
    const full = await lavaPlay([...args, '-o', '/dev/full'], { cwd: folder });
    expect(full.stderr).toMatch(/^error: --output \/dev\/full: .*no space left.*\n$/);
    expect(full.code).toBe(1);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
    expect(readdirSync('/dev').filter((name) => name.startsWith('.lava-play'))).toEqual([]);
    const piped = '"$@" -o /dev/stdout | grep -c "<!doctype html>"';
    const shell = spawnSync('sh', ['-c', piped, 'sh', process.execPath, program, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(shell).toMatchObject({ stdout: '1\n', stderr: '' });
  });

  test('an error that nobody foresaw is one sentence, and a stack when asked for', async () => {
    write('play.yaml', '- hosts: all\n  tasks: []\n');
    const broken = noteModule.replace("name: 'note'", "get name() { throw new Error('no name') }");
    write('broken.mjs', broken);
    const args = ['modules', '--modules', folder];
    const { code, stderr } = await lavaPlay(args, { cwd: folder });
    expect([code, stderr]).toEqual([
      1,
      'error: internal error: no name\n  hint: LAVA_PLAY_STACKS=1 shows where\n',
    ]);
    const shown = await lavaPlay(args, { cwd: folder, env: { LAVA_PLAY_STACKS: '1' } });
    expect(shown.stderr).toMatch(/^ {4}at /m);
  });
});
