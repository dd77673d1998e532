import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeEach, describe, expect, test } from 'vitest';
import eventsSchema from '../../schema/events.schema.json' with { type: 'json' };
import { eventsOf, lavaPlay } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';

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
  name: 'note', summary: 'writes a note', example: 'path: /tmp/note',
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
    [['aply'], /no command 'aply'\n {2}hint: did you mean 'apply'/],
    [['inventory.yaml'], /hint: lava-play apply inventory.yaml/],
    [['apply', '--dryrun'], /no option '--dryrun'\n {2}hint: did you mean '--dry-run'/],
    [['apply', '--forks', 'many'], /--forks wants a whole number/],
    [['apply', 'a.yaml', 'b.yaml'], /unexpected argument 'b.yaml'/],
    [['apply', '--limit'], /limit/],
    [['facts'], /which host/],
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
      'all:\n  hosts: { w1: { address: 127.0.0.1, password: !secret p } }\nsecrets: { p: { env: LAVA_PLAY_TEST_SECRET } }\n';
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

  test('asks nothing of hosts outside the limit that it would not say', async () => {
    const args = files();
    write(
      'inventory.yaml',
      'all: { hosts: { here: { connection: local, become: false }, there: { connection: local, become: false } } }\n',
    );
    const { stdout, code } = await lavaPlay(['plan', ...args, '--limit', 'here'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain('there: outside the limit, not touched; 1 change waiting there');
    expect(stdout).toMatch(/dry run: 1 host, 1 change to make/);
  });
});
