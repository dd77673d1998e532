import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sshdReadsFolder } from '../../../lab/share/sshd_state.ts';
import { debianShells, testHost } from '../../support/run_resource.ts';

describe.each(debianShells)('in %s', (...shell) => {
  test.each([
    ['Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n', true],
    ['UsePAM yes\ninclude sshd_config.d/*.conf', true],
    ['#Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n', false],
    ['Include /etc/ssh/other.d/*.conf\n', false],
    [undefined, undefined],
  ])('an sshd_config %j is read as such', (text, expected) => {
    const host = testHost(shell);
    const path = join(host.folder, 'sshd_config');
    if (text !== undefined) writeFileSync(path, text);
    const { output } = host.run(sshdReadsFolder.probe.replace('/etc/ssh/sshd_config', path));
    expect(sshdReadsFolder.parse(output)).toBe(expected);
  });
});
