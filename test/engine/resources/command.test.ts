import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command } from '../../../engine/resources/command.ts';
import { maskAfter } from '../../../engine/script/mask.ts';
import { shells, testHost } from '../../support/run_resource.ts';

describe.each(shells)('a command, run by %s', (...shell) => {
  test('runs until its guard says that it is done', () => {
    const host = testHost(shell);
    const done = join(host.folder, 'done');
    const change = host.converge(
      command({ name: 'make it', run: `echo "it's" >${done}`, unless: `grep -q it ${done}` }),
    );
    expect([change?.before, change?.after]).toEqual(['not done\n', `done: echo "it's" >${done}\n`]);
  });

  test('is done when the path that it creates is there', () => {
    const host = testHost(shell);
    const creates = join(host.folder, 'a file');
    host.converge(command({ name: 'make it', run: `touch '${creates}'`, creates }));
    expect(existsSync(creates)).toBe(true);
  });

  test('is not called for while its condition fails', () => {
    const host = testHost(shell);
    const flag = join(host.folder, 'flag');
    const resource = command({ name: 'x', run: 'true', unless: 'false', onlyIf: `[ -e ${flag} ]` });
    expect(host.plan(resource)).toBeUndefined();
    writeFileSync(flag, '');
    expect(host.plan(resource)).toBeDefined();
  });

  test.each([
    'if (',
    "echo '",
    ') ; echo done; (',
    'exit 1',
    'no-such-program',
    'echo done; false',
    '{',
  ])('is not done by the guard %s, which harms nothing else', (unless) => {
    const host = testHost(shell);
    expect(host.plan(command({ name: 'x', run: 'true', unless }))).toBeDefined();
  });

  test('stops at the first line that fails', () => {
    const host = testHost(shell);
    const change = host.plan(
      command({ name: 'x', run: 'echo one\nfalse\necho two', unless: 'false' }),
    );
    const [step] = change?.steps ?? [];
    expect(host.run(step?.script ?? '')).toEqual({ status: 1, output: 'one\n' });
  });

  test('fails alone when it is not valid shell', () => {
    const host = testHost(shell);
    const change = host.plan(command({ name: 'x', run: 'echo "', unless: 'false' }));
    const { status, output } = host.run(change?.steps[0]?.script ?? '');
    expect(status).toBeGreaterThan(0);
    expect(output).not.toBe('');
  });
});

test('a command that holds a secret shows its other text, or its masked one', () => {
  const secret = { name: 'x', run: 'tool --token=s3cret', unless: 'false' };
  expect(command({ ...secret, display: 'tool …' }).change('not done')?.after).toBe(
    'done: tool …\n',
  );
  const mask = maskAfter(/--token=(\S+)/);
  expect(command({ ...secret, mask }).change('not done')?.after).toBe(
    'done: tool --token=********\n',
  );
});
