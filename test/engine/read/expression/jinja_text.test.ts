import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderJinja, renderValue } from '../../../../engine/read/expression/jinja_text.ts';
import { lazyVariables } from '../../../../engine/read/expression/variables.ts';
import { mistakesOf } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const folder = testFolder();
await writeFiles(folder, {
  'main.j2':
    '{% include "part.j2" %}\n{% from "lib/macros.j2" import option, x as y %}\n{{ option("a", 1) }}{{ y }}\n',
  'part.j2': '# of {{ host }}\n',
  'lib/macros.j2':
    '{% macro option(name, value) %}\n{{ name }} = {{ value }}\n{% endmacro %}\n{% set x = 5 %}\n',
  'broken.j2': 'a\n{{ host }}\n  {{ hots }}\n',
  'outer.j2': 'a\n{% include "broken.j2" %}\n',
  'again.j2': '{% include "again.j2" %}',
  'header.j2':
    '#jinja2: lstrip_blocks: True, trim_blocks: False\na\n  {% if host %}\nb\n  {% endif %}\n{{ nothing }}\n',
});

function file(name: string): string {
  const path = join(folder, name);
  return renderJinja(readFileSync(path, 'utf8'), { host: 'w1' }, { file: path });
}

async function mistake(act: () => unknown): Promise<string> {
  const [{ message, place } = { message: '' }] = await mistakesOf(act);
  return `${place?.file.slice(folder.length + 1)}:${place?.line}:${place?.column} ${message}`;
}

describe('template files', () => {
  test('include and import others', () => {
    expect(file('main.j2')).toBe('# of w1a = 1\n5\n');
  });

  test('mistakes have the line of the file that they are in', async () => {
    expect(await mistake(() => file('broken.j2'))).toBe("broken.j2:3:6 'hots' is not defined here");
    expect(await mistake(() => file('outer.j2'))).toBe("broken.j2:3:6 'hots' is not defined here");
    expect(await mistake(() => file('again.j2'))).toBe('again.j2:1:1 templates include each other');
  });

  test('the header is honoured, and lines are counted with it', async () => {
    expect(await mistake(() => file('header.j2'))).toBe(
      "header.j2:6:4 'nothing' is not defined here",
    );
    const text = '#jinja2: lstrip_blocks:True\n  {% if true %}\nb\n  {% endif %}\n';
    expect(renderJinja(text, {}, { file: '/x' })).toBe('b\n');
    expect(
      await mistake(() =>
        renderJinja('#jinja2: variable_start_string: "[["\n', {}, { file: '/x' }),
      ),
    ).toContain("'#jinja2:' sets trim_blocks and lstrip_blocks alone");
  });

  test.each(['../x.j2', '/etc/passwd', 'a/../../x'])(
    '%s is outside of the folder',
    async (name) => {
      expect(
        await mistake(() =>
          renderJinja(`{% include "${name}" %}`, {}, { file: join(folder, 'x.j2') }),
        ),
      ).toContain('is outside of the folder of the first');
    },
  );

  test('one that is missing is a mistake unless it may be', async () => {
    const lookups = { file: join(folder, 'x.j2') };
    expect(renderJinja('{% include "no.j2" ignore missing %}x', {}, lookups)).toBe('x');
    expect(renderJinja('{% include ["no.j2", "part.j2"] %}', { host: 1 }, lookups)).toBe('# of 1');
    expect(await mistake(() => renderJinja('{% include "no.j2" %}', {}, lookups))).toContain(
      'there is no such template',
    );
  });

  test('lines that end as on Windows end as on Debian', () => {
    expect(renderJinja('a\r\n{% if true %}\r\nb\r\n{% endif %}\r\n', {}, { file: '/x' })).toBe(
      'a\nb\n',
    );
  });
});

describe('values', () => {
  class Later extends Error {}

  test('use each other, keep their types and leave keys out', () => {
    const vars: Record<string, unknown> = lazyVariables(
      { a: '{{ b | int + 1 }}', b: '{{ "4" }}', c: '{{ nothing | default(omit) }}', d: 'x{{ a }}' },
      { scope: () => vars, secret: () => '' },
    );
    expect([vars.a, vars.c, vars.d]).toEqual([5, undefined, 'x5']);
  });

  test('an error that a variable throws passes unchanged', () => {
    const scope = Object.defineProperty({}, 'later', {
      get: () => {
        throw new Later();
      },
    });
    expect(() => renderValue("{{ later | default('x') }}", scope, undefined, {})).toThrow(Later);
    expect(() =>
      renderJinja('{% for i in [1] %}{{ later }}{% endfor %}', scope, { file: '/x' }),
    ).toThrow(Later);
  });

  test('backslashes are themselves, as in Ansible', () => {
    expect(
      renderValue(String.raw`{{ 'a-b' | regex_replace('(\w)-(\w)', '\2\1') }}`, {}, undefined, {})
        .value,
    ).toBe('ba');
  });
});
