import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostKeys } from '../../../lab/ssh/keys_of_host.ts';
import { debianShells, testHost } from '../../support/run_resource.ts';
import { makeKey, publicKey } from '../../support/sshd.ts';

describe.each(debianShells)('in %s', (...shell) => {
  test('public keys are found, unusable ones are told from missing ones, and nothing private is said', async () => {
    const host = testHost(shell);
    const good = join(host.folder, 'id_ed25519');
    makeKey(good);
    writeFileSync(join(host.folder, 'id_broken'), 'no key\n', { mode: 0o600 });
    writeFileSync(join(host.folder, 'known_hosts'), '');
    const probe = hostKeys.probe
      .replaceAll('/etc/lava-play/ssh', host.folder)
      .replaceAll('/root/.ssh', join(host.folder, 'none'));
    const { output } = host.run(probe);
    expect(output).not.toContain('PRIVATE');
    expect([...hostKeys.parse(output)].sort()).toEqual([
      [join(host.folder, 'id_broken'), undefined],
      [good, await publicKey(good)],
    ]);
  });
});
