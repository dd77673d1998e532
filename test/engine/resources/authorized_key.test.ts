import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type AuthorizedKeyOptions,
  authorizedKey,
} from '../../../engine/resources/authorized_key.ts';
import { isRoot, me, shells, type TestHost, testHost } from '../../support/run_resource.ts';

const body = 'AAAAC3NzaC1lZDI1NTE5AAAAIKDvS8Y1DWlDkh8tN3fwOhqBJzYqLk3DVXL4h0Mj9+ab';
const key = `ssh-ed25519 ${body} worker01`;
const other = `ssh-ed25519 ${body.replace('9+ab', '9+cd')} somebody`;
const rsa = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDFsTb+K7Zo5Z8A1p/0hJmZr3yLwq8mP0s1== ci';

interface Home {
  readonly host: TestHost;
  readonly home: string;
  readonly keys: () => string;
}

/** A host on which a user's home is a folder of the test. */
function hostWithHome(shell: readonly string[], user = me.owner): Home {
  const host = testHost(shell);
  const home = join(host.folder, 'home');
  mkdirSync(home, { mode: 0o755 });
  host.install('getent', `[ -d ${home} ] && echo "$3:x:1:1:A: B:${home}:/bin/false" || exit 2`);
  if (user !== me.owner) {
    for (const folder of [host.root, host.folder]) chmodSync(folder, 0o711);
    host.run(`chown ${user} ${home}`);
  }
  return { host, home, keys: () => readFileSync(join(home, '.ssh/authorized_keys'), 'utf8') };
}

function allow(more: Partial<AuthorizedKeyOptions> = {}) {
  return authorizedKey({ user: me.owner, key, ...more });
}

describe.each(shells)('an authorized key, set by %s', (...shell) => {
  test('makes its file and folder closed to others', () => {
    const { host, home, keys } = hostWithHome(shell);
    const change = host.converge(allow());
    expect([change?.before, change?.after]).toEqual(['', `${key}\n`]);
    expect(change?.labels).toEqual(['missing', `0600 ${me.owner}`]);
    expect(keys()).toBe(`${key}\n`);
    expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, '.ssh/authorized_keys')).mode & 0o777).toBe(0o600);
  });

  test('leaves all other lines as they are', () => {
    const { host, home, keys } = hostWithHome(shell);
    const foreign = `# keys\n\n${rsa}\n  command="echo \\"x\\"" ${other}\n#${key}\nnonsense ü`;
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    writeFileSync(join(home, '.ssh/authorized_keys'), foreign, { mode: 0o600 });
    host.converge(allow());
    expect(keys()).toBe(`${foreign}\n${key}\n`);
    host.converge(allow({ ensure: 'absent' }));
    expect(keys()).toBe(`${foreign}\n`);
  });

  test('replaces the same key with other options or another comment, however often it is there', () => {
    const { host, home, keys } = hostWithHome(shell);
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    writeFileSync(join(home, '.ssh/authorized_keys'), `${key}\n${rsa}\nno-pty ${key} x\n`);
    const options = 'restrict,command="internal-sftp -d \'/a b\' $HOME"';
    host.converge(allow({ options, comment: 'lava-play worker01' }));
    expect(keys()).toBe(`${rsa}\n${options} ssh-ed25519 ${body} lava-play worker01\n`);
  });

  test('is left once where it stands twice', () => {
    const { host, home, keys } = hostWithHome(shell);
    host.converge(allow());
    appendFileSync(join(home, '.ssh/authorized_keys'), `${key}\n`);
    expect(keys()).toBe(`${key}\n${key}\n`);
    host.converge(allow());
    expect(keys()).toBe(`${key}\n`);
  });

  test('adds up with others that are planned with it', () => {
    const { host, keys } = hostWithHome(shell);
    const wanted = [allow(), allow({ key: other }), allow({ key: rsa })];
    const steps = wanted.flatMap((resource) => host.plan(resource)?.steps ?? []);
    expect(host.run(...steps.map(({ script }) => script)).status).toBe(0);
    expect(keys()).toBe(`${key}\n${other}\n${rsa}\n`);
    expect(wanted.map((resource) => host.plan(resource))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('closes a file and folder that others may read', () => {
    const { host, home } = hostWithHome(shell);
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh/authorized_keys'), `${key}\n`, { mode: 0o644 });
    const change = host.converge(allow());
    expect(change?.before).toBe(change?.after);
    expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);
  });

  test('can be planned for a user whom the same run makes', () => {
    const { host, home, keys } = hostWithHome(shell);
    host.run(`mv ${home} ${home}.later`);
    const change = host.plan(allow());
    expect(change?.labels?.[0]).toBe(`there is no user ${me.owner} yet`);
    const scripts = change?.steps.map(({ script }) => script) ?? [];
    expect(host.run(...scripts)).toEqual({ status: 1, output: `there is no user ${me.owner}\n` });
    host.run(`mv ${home}.later ${home}`);
    expect(host.run(...scripts).status).toBe(0);
    expect(keys()).toBe(`${key}\n`);
    expect(host.plan(allow())).toBeUndefined();
  });

  test('is absent where there is no user, no file or no such line', () => {
    const { host, home } = hostWithHome(shell);
    expect(host.plan(allow({ ensure: 'absent' }))).toBeUndefined();
    host.converge(allow({ key: other }));
    expect(host.plan(allow({ ensure: 'absent' }))).toBeUndefined();
    host.run(`mv ${home} ${home}.gone`);
    expect(host.plan(allow({ ensure: 'absent' }))).toBeUndefined();
  });

  test('may be in a file of its own, whose folder is left alone', () => {
    const { host, home } = hostWithHome(shell);
    const file = join(home, 'more keys');
    host.converge(allow({ file }));
    expect(readFileSync(file, 'utf8')).toBe(`${key}\n`);
    expect(readdirSync(home)).toEqual(['more keys']);
    expect(statSync(home).mode & 0o777).toBe(0o755);
  });

  test('is refused where sshd would ignore it, or where a link leads elsewhere', () => {
    const { host, home } = hostWithHome(shell);
    chmodSync(home, 0o775);
    expect(() => host.plan(allow())).toThrow('may be written by others, so sshd ignores the keys');
    chmodSync(home, 0o755);
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync('elsewhere', join(home, '.ssh'));
    expect(() => host.plan(allow())).toThrow('the folder of the authorized keys of');
    host.run(`rm ${home}/.ssh; mkdir ${home}/.ssh`);
    symlinkSync('/etc/passwd', join(home, '.ssh/authorized_keys'));
    expect(() => host.plan(allow())).toThrow('the file of the authorized keys of');
  });

  test.runIf(isRoot)('belongs to its user, with whose rights all is done', () => {
    const { host, home, keys } = hostWithHome(shell, 'daemon');
    host.converge(allow({ user: 'daemon' }));
    expect(keys()).toBe(`${key}\n`);
    expect(statSync(join(home, '.ssh/authorized_keys')).uid).toBe(statSync(home).uid);
    chownSync(join(home, '.ssh'), 0, 0);
    expect(() => host.plan(allow({ user: 'daemon' }))).toThrow('the probe failed');
  });
});

describe('a key is refused', () => {
  test.each([
    ['-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['ssh-ed25519 short'],
    [`restrict ${key}`],
    [`${key}\n${other}`],
    [''],
  ])('when it is %j', (text) => {
    expect(() => allow({ key: text })).toThrow('is not a public SSH key');
  });

  test('with options or a comment of more than one line', () => {
    expect(() => allow({ comment: 'a\nb' })).toThrow('are one line');
    expect(() => allow({ options: `no-pty\n${other}` })).toThrow('are one line');
  });

  test('is named by the fingerprint that ssh-keygen shows', () => {
    expect(allow().id).toBe(
      `authorized key SHA256:ROmCrYyKt6pJXm0aLJ2FypEjCE0Ar7HvZb/18S7cdWw of ${me.owner}`,
    );
  });
});
