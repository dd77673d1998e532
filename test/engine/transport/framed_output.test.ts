import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameReader, frameScript } from '../../../engine/transport/framed_output.ts';
import { shells } from '../../support/run_resource.ts';

const mark = 'mark-1';

test('output is the same however the stream is cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('m', 'a', 'r', 'k', '-', '1', ' ', 'e', 'n', 'd', '\n') }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (output, sizes) => {
        fc.pre(!output.includes(`${mark} end\n`));
        const reader = frameReader(mark);
        let stream = `noise\n${mark} begin 42\n${output}${mark} end\n`;
        let seen = '';
        let done = false;
        for (const size of sizes) {
          if (stream === '') break;
          expect(done).toBe(false);
          const frame = reader.read(stream.slice(0, size));
          stream = stream.slice(size);
          seen += frame.text;
          done = frame.done;
        }
        expect({ seen, done, pid: reader.pid() }).toEqual({ seen: output, done: true, pid: 42 });
      },
    ),
  );
});

test('output is handed on at once unless it may be the start of the end mark', () => {
  const reader = frameReader(mark);
  expect(reader.read(`${mark} begin 7\nstarted\n`).text).toBe('started\n');
  expect(reader.read('half of a mar').text).toBe('half of a ');
  expect(reader.read('ket').text).toBe('market');
});

test('noise before the begin mark is dropped, however long it is', () => {
  const reader = frameReader(mark);
  for (let i = 0; i < 100; i += 1) reader.read('welcome to this host\n'.repeat(100));
  expect(reader.read(`${mark} begin 7\nout${mark} end\n`)).toEqual({ text: 'out', done: true });
});

/** A bash that is not called `sh` goes on after a syntax error in `eval`. */
const all = [...shells, ['bash']];

test.each(all)(
  'in %s a script that is not a shell ends it, and runs no part of itself',
  (...shell) => {
    const [command = 'sh', ...args] = shell;
    const stdoutOf = (script: string): string =>
      spawnSync(command, [...args, '-s'], {
        input: frameScript(script, mark, 'deaf'),
        encoding: 'utf8',
      }).stdout;
    expect(stdoutOf('echo one; false')).toMatch(/^mark-1 begin \d+\none\nmark-1 end\n$/);
    expect(stdoutOf('echo one\nif true; then')).toMatch(/^mark-1 begin \d+\n$/);
    expect(stdoutOf('echo one; }; echo two; {')).not.toContain('end');
  },
);
