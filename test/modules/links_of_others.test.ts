import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { filesProbe, readFiles } from '../../lab/instance/found_files.ts';
import { settingsFiles } from '../../modules/lava_workers/worker_settings.ts';
import { type TestHost, testHost } from '../support/run_resource.ts';

const SECRET = 'what only root may know\n';

/** A host with a folder to which LAVA's account may write; in it a link to something of root's. */
function hostOf(names: { readonly link: string; readonly file: string }): TestHost {
  const host = testHost();
  const secret = join(host.folder, 'secret');
  writeFileSync(secret, SECRET, { mode: 0o600 });
  for (const [name, lay] of [
    [names.link, (path: string) => symlinkSync(secret, path)],
    [names.file, (path: string) => writeFileSync(path, 'plain: text\n')],
  ] as const) {
    const path = join(host.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    chmodSync(dirname(path), 0o777);
    lay(path);
  }
  return host;
}

test('the settings of a worker are not read over a link of LAVA’s account', () => {
  const etc = 'etc/lava-server/dispatcher.d';
  const host = hostOf({ link: `${etc}/w1/env.yaml`, file: `${etc}/w2/env.yaml` });
  const probe = settingsFiles.probe.replaceAll(
    '/etc/lava-server',
    join(host.folder, 'etc/lava-server'),
  );
  const output = host.read({ id: 'fact', probe, parse: String, change: () => undefined });
  expect(output).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 12));
  const { workers } = settingsFiles.parse(output);
  expect(workers.get('w1')).toEqual({ files: ['env.yaml'], env: '', dispatcher: '' });
  expect(workers.get('w2')).toEqual({ files: ['env.yaml'], env: 'plain: text\n', dispatcher: '' });
});

test('a check reads no configuration over a link of LAVA’s account', () => {
  const host = hostOf({ link: 'etc/link.conf', file: 'etc/file.conf' });
  const path = (name: string): string => join(host.folder, 'etc', name);
  const probe = filesProbe([path('link.conf'), path('file.conf')]);
  const output = host.read({ id: 'files', probe, parse: String, change: () => undefined });
  const files = readFiles(output);
  expect(files.get(path('link.conf'))?.lines).toEqual(['']);
  expect(files.get(path('file.conf'))?.lines).toEqual(['plain: text', '']);
});
