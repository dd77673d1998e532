import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { broughtGone } from '../../../lab/packages/brought.ts';
import { lavaPackages } from '../../../lab/packages/install.ts';
import { debianShells, type TestHost, testHost } from '../../support/run_resource.ts';

const NAME = 'lava-dispatcher';

describe.each(debianShells)('in %s', (...shell) => {
  test('what came with a package goes with it, but for what was there before or serves something else', () => {
    const host = withApt(['mdadm', 'nbd-client', 'qemu-utils', 'old-leftover']);
    write(host, 'mdadm\nnbd-client\nqemu-utils\nother-of-lava\n');
    const change = host.plan(broughtGone(NAME));
    expect(change?.before).toBe('mdadm installed\nnbd-client installed\nqemu-utils installed\n');
    host.converge(broughtGone(NAME));
    expect(readFileSync(join(host.folder, 'removed'), 'utf8')).toBe(
      'mdadm nbd-client qemu-utils\n',
    );
  });

  test('a host of which no run has written down what came keeps all of it', () => {
    expect(withApt(['mdadm']).plan(broughtGone(NAME))).toBeUndefined();
  });

  test('nothing of others goes with it', () => {
    const host = withApt(['mdadm'], ['root-on-raid']);
    write(host, 'mdadm\n');
    const [step] = host.plan(broughtGone(NAME))?.steps ?? [];
    expect(host.run(step?.script ?? '')).toMatchObject({
      status: expect.not.stringMatching(/^0$/),
      output: expect.stringContaining('apt would remove others with them: root-on-raid'),
    });
  });

  test('what an upgrade of Debian has put in the place of what came goes with the rest', () => {
    const host = withApt(['mdadm', 'libguestfs0t64'], ['libguestfs0t64']);
    write(host, 'mdadm\nlibguestfs0\n');
    host.converge(broughtGone(NAME));
    expect(readFileSync(join(host.folder, 'removed'), 'utf8')).toBe('mdadm\n');
  });

  test('what an installation brings is written down before it', () => {
    const host = withApt([]);
    write(host, 'older\n');
    const [step] = lavaPackages([NAME]).change(lavaPackages([NAME]).parse(''))?.steps ?? [];
    host.run(step?.script ?? '');
    expect(readFileSync(place(host), 'utf8')).toBe(`${NAME}\nmdadm\nolder\n`);
  });

  /** A host whose apt finds these of no use once the dispatcher is gone, and takes `others` with them. */
  function withApt(useless: readonly string[], others: readonly string[] = []): TestHost {
    const host = testHost(shell);
    const removed = join(host.folder, 'removed');
    host.install(
      'apt-get',
      `case "$*" in
*-s*--auto-remove*) [ -e ${removed} ] || printf 'Remv %s [1]\\n' ${NAME} ${useless.join(' ')} ;;
*-s*remove*) shift 4; printf 'Remv %s [1]\\n' "$@" ${others.join(' ')} ;;
*-s*install*) printf 'Inst ${NAME} (2 d)\\nInst mdadm (1 d)\\nInst base [1] (2 d)\\n' ;;
*download*) ;;
*remove*) while [ "$1" != -- ]; do shift; done; shift; echo "$@" >${removed} ;;
*) exit 1 ;;
esac`,
    );
    return host;
  }
});

function place(host: TestHost): string {
  return join(host.root, 'var/lib/lava-play/packages/brought');
}

function write(host: TestHost, text: string): void {
  mkdirSync(dirname(place(host)), { recursive: true });
  writeFileSync(place(host), text);
}
