import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJinjaName, type JinjaValue, jinjaSet } from '../../lab/board/jinja.ts';
import { yamlText } from '../../modules/lava_devices/yaml_text.ts';

const hasJinja = spawnSync('python3', ['-c', 'import jinja2, yaml']).status === 0;

/** What Jinja and, where asked, YAML make of templates; all in one process, because Python is slow to start. */
function python(program: string, input: unknown): readonly unknown[] {
  const { stdout, stderr } = spawnSync('python3', ['-c', `${PROLOGUE}${program}`], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const PROLOGUE = `import json, sys, yaml
from jinja2.sandbox import SandboxedEnvironment
environment = SandboxedEnvironment(autoescape=False, trim_blocks=True)
given = json.load(sys.stdin)
def answer(function):
    print(json.dumps([function(each) for each in given]))
`;

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'\'"\\{}%#: \n\t\r-[],&*!|>@`u0x\u0085\u2028é😀\u007f') }),
);

const value: fc.Arbitrary<JinjaValue> = fc.letrec<{ value: JinjaValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

function some<T>(arbitrary: fc.Arbitrary<T>): readonly T[] {
  return fc.sample(arbitrary, 500);
}

describe.skipIf(!hasJinja)('a variable of a device dictionary', () => {
  test('has in Jinja the value that the inventory gives it, whatever it is', () => {
    const values = some(value);
    const templates = values.map((each) => jinjaSet('x', each));
    expect(templates.filter((each) => each.includes('\n'))).toEqual([]);
    expect(
      python('answer(lambda text: environment.from_string(text).module.x)', templates),
    ).toEqual(values);
  });

  test('that is a command has that text in the YAML which LAVA makes of it', () => {
    const commands = some(
      fc.oneof(text, fc.array(text, { minLength: 1 }), fc.constantFrom(...ODD_COMMANDS)),
    ).filter((command) => command !== '');
    const templates = commands.map((each) => jinjaSet('x', yamlText(each)));
    const render =
      'yaml.safe_load(environment.from_string(text + "a:\\n    b: {{ x }}\\n").render())["a"]["b"]';
    expect(python(`answer(lambda text: ${render})`, templates)).toEqual(commands);
  });

  test('may have every name that is said to be one', () => {
    const names = [
      ...some(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/)),
      ...'true none not and is loop class lambda import set block filter'.split(' '),
    ].filter(isJinjaName);
    const templates = names.map((name) => jinjaSet(name, 1));
    const set = 'list(vars(environment.from_string(text).module).values())';
    expect(python(`answer(lambda text: ${set})`, templates).length).toBe(names.length);
    expect(names).toContain('class');
    expect(names).not.toContain('not');
  });
});

describe('a command', () => {
  test('that YAML takes as it is stands in the dictionary as people write it', () => {
    const command = '/usr/bin/pduclient --daemon=pdu01 --port=7 --command=reboot';
    expect(jinjaSet('hard_reset_command', yamlText(command))).toBe(
      `{% set hard_reset_command = "${command}" %}`,
    );
  });
});

const ODD_COMMANDS = [
  ...['true', 'off', 'null', 'y', '~', '1', '0x10', '1e3', '-', '-x', '? x', 'a: b', 'a #b', 'a:'],
  ...['a ', ' a', '2001-01-01', '12:30', '.inf', '"', "'", '[a]', '{a: b}', '*a', '&a', '!a', '%a'],
  ...['@a', '`a`', '|', '>', '= ', '<<', '=', 'curl -d "x: y" http://pdu/ # on', 'Yes', 'NULL'],
];
