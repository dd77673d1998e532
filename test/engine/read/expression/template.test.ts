import { describe, expect, test } from 'vitest';
import { renderText } from '../../../../engine/read/expression/template.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { field } from '../../../../engine/values/values.ts';
import { linesOf, mistakesOf } from '../../../support/lab_files.ts';

const scope = {
  name: 'w1',
  port: 5432,
  none: null,
  off: false,
  list: ['a', 'b'],
  lava: { db: { user: 'lava', port: 0 } },
  'a-b': 'dash',
};

function render(text: string): unknown {
  return renderText(text, scope, undefined).value;
}

/** Mistakes in the template of `a: "…"`, with their place in that line. */
async function mistakes(text: string): Promise<readonly string[]> {
  const { value } = parseYaml(`a: '${text}'`, 'x.yaml');
  const place = placeOf(value, 'a');
  return linesOf(await mistakesOf(() => renderText(String(field(value, 'a')), scope, place)));
}

describe('templates', () => {
  test.each([
    ['{{ name }}.lab', 'w1.lab'],
    ['{{name}}:{{port}}', 'w1:5432'],
    ['{{ lava.db.user }} & "<x>"', 'lava & "<x>"'],
    ['{{ list.[0] }}/{{ list.[1] }}', 'a/b'],
    ['{{ a-b }}!', 'dash!'],
    ['{{#each list}}{{this}},{{/each}}', 'a,b,'],
    ['{{#if off}}yes{{else}}no{{/if}}', 'no'],
    ['{{#if nothing}}yes{{else}}no{{/if}}', 'no'],
    ['x {{ default nothing "y" }}', 'x y'],
    ['x {{ off }} {{ none }}.', 'x false .'],
    ['{{! a comment }}', ''],
    ['{{ name | upper }}/{{ port }}', 'W1/5432'],
    ['{% if off %}yes{% else %}{{ name }}{% endif %}', 'w1'],
    ['{# gone #}x', 'x'],
    ["it's 5 > 3", "it's 5 > 3"],
  ])('%s becomes %j', (text, wanted) => {
    expect(render(text)).toBe(wanted);
  });

  test.each([
    ['{{ port }}', 5432],
    ['{{ off }}', false],
    ['{{ none }}', null],
    ['{{ list }}', ['a', 'b']],
    ['{{ lava.db }}', { user: 'lava', port: 0 }],
    ['{{ list.length }}', 2],
    ['{{ default lava.db.port 5432 }}', 0],
    ['{{ default lava.db.none none 5 }}', 5],
    ['{{ default nothing }}', null],
    ['{{ optional lava.proxy }}', undefined],
    ['{{ optional port }}', 5432],
    ['{{ "text" }}', 'text'],
    ['{{ list[0] }}', 'a'],
    ['{{ port + 1 }}', 5433],
    ['{{ nothing | default(omit) }}', undefined],
    ['{{ nothing | default(5) }}', 5],
    ['{{ list | map("upper") }}', ['A', 'B']],
  ])('%s keeps its type', (text, wanted) => {
    expect(render(text)).toEqual(wanted);
  });

  test.each([
    ['{{ naem.x }}', "1:8 unknown-name 'naem' is not defined here | did you mean 'name'?"],
    ['{{ prt }}', "1:8 unknown-name 'prt' is not defined here | did you mean 'port'?"],
    ['x {{ lava.dbs.user }}', "1:10 unknown-name 'lava' has no 'dbs' | did you mean 'db'?"],
    ['{{ lava.db.usr }}', "1:8 unknown-name 'lava.db' has no 'usr' | did you mean 'user'?"],
    ['{{ name.length }}', "1:8 unknown-name 'name' has no 'length'"],
    ['{{ constructor }}', "1:8 unknown-name 'constructor' is not defined here"],
    ['{{ list.constructor }}', "1:8 unknown-name 'list' has no 'constructor'"],
    ['{{ lava.__proto__ }}', "1:8 unknown-name 'lava' has no '__proto__'"],
    ['{{#each list}}{{ nothing }}{{/each}}', "1:22 unknown-name 'nothing' is not defined here"],
    [
      'x {{ list }}',
      "1:10 wrong-type 'list' is a list and cannot be used inside a text | name one of its parts, or use it as the whole value",
    ],
    [
      'x {{ lava.db }}',
      "1:10 wrong-type 'lava.db' is a map and cannot be used inside a text | name one of its parts, or use it as the whole value",
    ],
    ['{{ name', "1:5 bad-template '{{' is never closed by '}}'"],
    [
      '{{#if off}}x{{/if}} {{ name | upper }}',
      '1:25 bad-template this value mixes languages: {{#if off}} is Handlebars, {{ name | upper }} is Jinja | write all of it in one of the two',
    ],
    [
      '{% if off %}x{% endif %} {{ default name 1 }}',
      '1:30 bad-template this value mixes languages: {{ default name 1 }} is Handlebars, {% if off %} is Jinja | write all of it in one of the two',
    ],
    ['{{ nam | upper }}', "1:8 unknown-name 'nam' is not defined here | did you mean 'name'?"],
    ['x {{ lava.dbs[0] }}', "1:10 unknown-name 'lava' has no 'dbs' | did you mean 'db'?"],
    ['{{ name | uper }}', "1:15 bad-template there is no filter 'uper' | did you mean 'upper'?"],
    ['{{#if off}}x{{/each}}', "1:5 bad-template the block 'if' is closed by 'each'"],
    ['{{> part }}', '1:5 bad-template partials are not available in values'],
    [
      'x {{ upper name }}',
      "1:10 bad-template unknown helper 'upper' | known here: default, optional, if, unless, each, with, lookup",
    ],
    [
      'x {{ defualt name 5 }}',
      "1:10 bad-template unknown helper 'defualt' | did you mean 'default'?",
    ],
    [
      '{{ log name }}',
      "1:8 bad-template unknown helper 'log' | known here: default, optional, if, unless, each, with, lookup",
    ],
    [
      'x {{ optional name }}',
      "1:10 bad-template 'optional' omits a whole value: it cannot be used inside a text | use {{#if name}} … {{/if}}",
    ],
  ])('%s is refused with its place', async (text, wanted) => {
    expect(await mistakes(text)).toEqual([wanted]);
  });

  test('never reach what objects inherit', () => {
    const text =
      '{{#with lava}}{{lookup this "toString"}}{{lookup this "constructor"}}{{/with}}|{{#each lava}}{{@key}}{{/each}}';
    expect(render(text)).toBe('|db');
  });
});
