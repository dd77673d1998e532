import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import {
  clearPasswords,
  readSecretDefinitions,
  usedSecrets,
} from '../../../../engine/read/secrets/secret_definitions.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { isMap } from '../../../../engine/values/values.ts';
import { linesOf } from '../../../support/lab_files.ts';

function read(text: string) {
  const { value, start } = parseYaml(text, 'x.yaml');
  if (!isMap(value)) throw new Error('no map');
  const errors: Diagnostic[] = [];
  return { definitions: readSecretDefinitions(value, start, errors), errors };
}

test('a secret has one source, and the place of its name', () => {
  const { definitions, errors } = read('a: { env: A }\nb: { command: [pass, show, b] }\n');
  expect(errors).toEqual([]);
  expect(definitions.get('b')).toMatchObject({
    source: { command: ['pass', 'show', 'b'] },
    place: { line: 2, column: 1 },
  });
});

test('a secret without a source is refused like one with two', () => {
  const { errors } = read('a: {}\nb: { env: A, prompt: B }\nc: { env: "" }\n');
  expect(linesOf(errors)).toEqual([
    expect.stringMatching(/^1:1 bad-secret .*exactly one of/),
    expect.stringMatching(/^2:1 bad-secret .*exactly one of/),
    expect.stringMatching(/^3:11 not-allowed /),
  ]);
});

test('only the secrets that a file asks for are used, however deep, each unknown one an error', () => {
  const { definitions } = read('db: { env: A }\nssh: { env: B }\n');
  const { value } = parseYaml('a: [{ b: !secret db }]\nc: !secret sssh\n', 'y.yaml');
  const errors: Diagnostic[] = [];
  expect([...usedSecrets(value, definitions, errors).keys()]).toEqual(['db']);
  expect(linesOf(errors)).toEqual([
    "2:12 unknown-secret there is no secret 'sssh' | did you mean 'ssh'?",
  ]);
});

test('a password in clear is warned of at its place; a secret, a template and an empty one are not', () => {
  const clear = (text: string) => clearPasswords(parseYaml(text, 'x.yaml').value);
  const fine = 'password: !secret a\ntoken: "{{ b }}"\npassphrase: ""\n';
  expect(clear(fine)).toEqual([]);
  const [warning, ...others] = clear(`${fine}w: [{ api_token: 1234567 }]\npasswd: hunter22\n`);
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ code: 'clear-password', place: { line: 4, column: 18 } });
  expect(JSON.stringify(warning?.message)).not.toContain('1234567');
});

test('an inline value of a vault is a secret with a source of its own', () => {
  const { value } = parseYaml('a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  33\n', 'y.yaml');
  const errors: Diagnostic[] = [];
  const [used] = usedSecrets(value, new Map(), errors).values();
  expect(used).toMatchObject({
    name: 'vault y.yaml:1:11',
    source: { vault: '$ANSIBLE_VAULT;1.1;AES256\n33\n' },
    place: { file: 'y.yaml', line: 1 },
  });
  expect(errors).toEqual([]);
});
