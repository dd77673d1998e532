import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jinjaSet } from '../../lab/board/jinja.ts';
import { yamlText } from '../../modules/lava_devices/yaml_text.ts';
import { anyText, hasJinja, python, some } from '../support/jinja.ts';

describe.skipIf(!hasJinja)('a variable of a device dictionary', () => {
  test('that is a command has that text in the YAML which LAVA makes of it', () => {
    const commands = some(
      fc.oneof(anyText, fc.array(anyText, { minLength: 1 }), fc.constantFrom(...ODD_COMMANDS)),
    ).filter((command) => command !== '');
    const templates = commands.map((each) => jinjaSet('x', yamlText(each)));
    const render =
      'yaml.safe_load(environment.from_string(text + "a:\\n    b: {{ x }}\\n").render())["a"]["b"]';
    expect(python(`answer(lambda text: ${render})`, templates)).toEqual(commands);
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
