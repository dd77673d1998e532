import { spawnSync } from 'node:child_process';
import type { Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isolated, printText } from '../../engine/script/shell.ts';
import { intoRoot, outputFromRoot, scriptIntoRoot } from './private_paths.ts';

const place = { root: '/tmp/lab/worker01/root', path: '/tmp/lab/bin' };

async function through(transform: Transform, pieces: readonly string[]): Promise<string> {
  const output = text(transform);
  for (const piece of pieces) transform.write(piece);
  transform.end();
  return output;
}

/** Cuts a text at some places, as a network does. */
const cut = (whole: string, places: readonly number[]): readonly string[] => {
  const at = [0, ...places.map((n) => n % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return at.slice(1).map((end, i) => whole.slice(at[i], end));
};

describe('a script on its way to an embedded host', () => {
  test.each([
    ['cat /etc/passwd', 'cat ROOT/etc/passwd'],
    ["f='/srv/lava/a b'", "f='ROOT/srv/lava/a b'"],
    ['if [ -w /var/lib ] && [ -w /run ]; then', 'if [ -w ROOT/var/lib ] && [ -w ROOT/run ]; then'],
    ['echo x >/var/lib/x 2>/dev/null', 'echo x >ROOT/var/lib/x 2>/dev/null'],
    ['a=/etc:/usr/share/x,/root', 'a=ROOT/etc:ROOT/usr/share/x,ROOT/root'],
    ['read -r x < "/proc/$1/stat"', 'read -r x < "/proc/$1/stat"'],
    ['/runner /etcetera /variable /run-parts', '/runner /etcetera /variable /run-parts'],
    ['/usr/bin/env $home/run $(x)/etc var/run', '/usr/bin/env $home/run $(x)/etc var/run'],
    ['lp_holder=YWJj/etc/+/var/', 'lp_holder=YWJj/etc/+/var/'],
    ['PATH=/usr/sbin:/usr/bin LC_ALL=C', 'PATH=/tmp/lab/bin LC_ALL=C'],
  ])('%s', (line, expected) => {
    expect(intoRoot(line, place)).toBe(expected.replaceAll('ROOT', place.root));
  });

  test('is the same however it is cut into pieces', async () => {
    const script = `PATH=/usr/bin\ncat /etc/a\n${printText('/etc/a\n'.repeat(40))}ls /srv\n`;
    const whole = await through(scriptIntoRoot(place), [script]);
    expect(whole).toContain(`ls ${place.root}/srv\n`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), async (places) => {
        expect(await through(scriptIntoRoot(place), cut(script, places))).toBe(whole);
      }),
    );
  });

  test('brings the texts of files unchanged, whatever they are, also in a script within a script', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const body = `${printText(Buffer.from(bytes).toString('latin1'))}`;
        const nested = isolated(`${body}\nls /etc\n`);
        const sent = await through(scriptIntoRoot(place), [`${body}${nested}\nls /etc\n`]);
        expect(sent.startsWith(body)).toBe(true);
        expect(sent.split(place.root)).toHaveLength(3);
      }),
    );
  });

  test('still prints a text that holds paths as it was written', async () => {
    const words = 'LAVA_PREFIX=/srv/lava/instances\n';
    const input = await through(scriptIntoRoot(place), [printText(words)]);
    expect(spawnSync('sh', { input, encoding: 'utf8' }).stdout).toBe(words);
  });
});

describe('output on its way from an embedded host', () => {
  test('has the paths of a host of its own, however it is cut into pieces', async () => {
    const output = `${place.root}/etc/a changed\n-> ${place.root}/srv\n/tmp/lab/x ${place.root}/\nü\n`;
    const bytes = Buffer.from(output).toString('latin1');
    const expected = '/etc/a changed\n-> /srv\n/tmp/lab/x /\nü\n';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (places) => {
        const transform = outputFromRoot(place);
        const result = text(transform);
        for (const piece of cut(bytes, places)) transform.write(Buffer.from(piece, 'latin1'));
        transform.end();
        expect(await result).toBe(expected);
      }),
    );
  });

  test('lets every whole line pass at once', async () => {
    const transform = outputFromRoot(place);
    transform.write('mark end\n');
    expect(transform.read()?.toString()).toBe('mark end\n');
  });
});
