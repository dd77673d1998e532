import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { inventorySchema, playbookSchema } from '../../../engine/read/editor_schema.ts';
import { packageRoot } from '../../../engine/read/installed/package_root.ts';
import { parseYaml } from '../../../engine/read/yaml/yaml.ts';
import { lavaLab } from '../../../lab/field.ts';
import { modules } from '../../../modules/index.ts';
import { sample } from '../../support/lab_files.ts';

const ajv = new Ajv({ strict: false });

describe('the schemas for editors', () => {
  test('accept the example inventory', async () => {
    const file = join(packageRoot(), 'inventory.example.yaml');
    const text = (await readFile(file, 'utf8')).replace(/!secret (\w+)/g, "'$1'");
    const validate = ajv.compile(inventorySchema(lavaLab));
    expect(validate(parseYaml(text, file).value), JSON.stringify(validate.errors)).toBe(true);
  });

  test('accept the playbook of the lab', async () => {
    const file = join(packageRoot(), 'playbooks', 'lab.yaml');
    const { value } = parseYaml(await readFile(file, 'utf8'), file);
    const validate = ajv.compile(playbookSchema(modules));
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each([
    ['a host in a list', 'workers: { hosts: [w1] }'],
    ['a mistyped key of lava', 'all: { vars: { lava: { instence: a } } }'],
    ['a port that is not a number', 'workers: { hosts: { w1: { port: ssh } } }'],
    ['a secret with two words', 'secrets: { a: { files: b } }'],
  ])('refuse %s in an inventory', (_what, text) => {
    expect(ajv.compile(inventorySchema(lavaLab))(parseYaml(text, 'x').value)).toBe(false);
  });

  test.each([
    ['an unknown module', '[{ hosts: all, tasks: [{ smaple: { text: a } }] }]'],
    ['two modules in a task', '[{ hosts: all, tasks: [{ sample: { text: a }, other: {} }] }]'],
    ['a wrong argument', '[{ hosts: all, tasks: [{ sample: { text: a, count: many } }] }]'],
  ])('refuse %s in a playbook', (_what, text) => {
    const schema = playbookSchema([sample, { ...sample, name: 'other' }]);
    expect(ajv.compile(schema)(parseYaml(text, 'x').value)).toBe(false);
  });

  test('let a template stand where a number is wanted', () => {
    const text = '[{ hosts: all, tasks: [{ sample: { text: a, count: "{{ n }}" } }] }]';
    expect(ajv.compile(playbookSchema([sample]))(parseYaml(text, 'x').value)).toBe(true);
  });
});
