import { describe, expect, test } from 'vitest';
import {
  fillAll,
  fillKey,
  layeredScope,
  lazyVariables,
} from '../../../../engine/read/expression/variables.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { field, isMap } from '../../../../engine/values/values.ts';
import { linesOf } from '../../../support/lab_files.ts';

describe('variables that use each other', () => {
  function fill(text: string, secrets: Readonly<Record<string, string>> = {}) {
    const { value } = parseYaml(text, 'x.yaml');
    if (!isMap(value)) throw new Error('no map');
    const variables = lazyVariables(value, {
      scope: () => variables,
      secret: (name) => secrets[name] ?? '',
    });
    return fillAll(variables);
  }

  test('are filled in whatever their order, also inside maps and lists', () => {
    const text =
      'url: "http://{{ host.name }}"\nhost: { name: "{{ site }}-1", all: ["{{ url }}"] }\nsite: lab\n';
    expect(fill(text)).toEqual({
      value: { url: 'http://lab-1', host: { name: 'lab-1', all: ['http://lab-1'] }, site: 'lab' },
      errors: [],
    });
  });

  test('that use themselves are refused, with the chain', () => {
    const { value, errors } = fill('a: "{{ b }}"\nb: "{{ c.d }}"\nc: { d: "{{ a }}" }\nok: 1\n');
    expect(value).toEqual({ c: {}, ok: 1 });
    expect(linesOf(errors)[0]).toBe(
      '1:4 variable-cycle this value uses itself: a -> b -> c.d -> a',
    );
  });

  test('take secrets as they are, whatever these contain', () => {
    const secrets = { db: '{{ other }} {% x %}' };
    expect(fill('p: !secret db\nurl: "u:{{ p }}"\n', secrets).value).toEqual({
      p: '{{ other }} {% x %}',
      url: 'u:{{ other }} {% x %}',
    });
  });

  test('leave out what is optional and not set', () => {
    const text =
      'a: "{{ optional none }}"\nb: ["{{ optional none }}", x]\nc: { d: "{{ optional b }}" }\n';
    expect(fill(text)).toEqual({ value: { b: ['x'], c: { d: ['x'] } }, errors: [] });
  });

  test('keep the place of the value that they were given', () => {
    const { value } = fill('a: "{{ b.c }}"\nb:\n  c: 5\n');
    expect(placeOf(value, 'a')).toMatchObject({ line: 3, column: 6 });
    expect(placeOf(field(value, 'b'), 'c')).toMatchObject({ line: 3, column: 6 });
  });

  test('that would contain themselves are refused', () => {
    const hostvars: Record<string, unknown> = {};
    const host = layeredScope({ hostvars });
    hostvars.w1 = host;
    const { errors } = fillAll(
      lazyVariables({ x: '{{ hostvars }}' }, { scope: () => host, secret: String }),
    );
    expect(linesOf(errors)).toEqual([
      "- variable-cycle 'hostvars' contains itself: name one of its parts",
    ]);
  });
});

test('of scopes on top of each other the last one wins, and nobody looks at what it hides', () => {
  const broken = lazyVariables({ a: '{{ nothing }}', b: 1 }, { scope: () => ({}), secret: String });
  const scope = layeredScope(broken, { a: 2 });
  expect(fillAll(scope)).toEqual({ value: { a: 2, b: 1 }, errors: [] });
});

test('one key is filled in without a look at its neighbours', () => {
  const scope = lazyVariables(
    { a: { deep: '{{ x }}' }, b: '{{ nothing }}' },
    { scope: () => ({ x: 5 }), secret: String },
  );
  expect(fillKey(scope, 'a')).toEqual({ value: { deep: 5 }, errors: [] });
  expect(fillKey(scope, 'b').errors.map(({ code }) => code)).toEqual(['unknown-name']);
});
