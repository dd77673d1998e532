import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import {
  applySchema,
  blockSchema,
  includeSchema,
  metaSchema,
  roleArgsSchema,
  taskSchema,
  tasksFileSchema,
} from '../../../../engine/read/playbook/task_keywords.ts';
import { check } from '../../../../engine/read/schema/schema_check.ts';
import { schemaFlaw } from '../../../../engine/read/schema/schema_flaw.ts';

function isAccepted(schema: object, value: unknown): boolean {
  return check(schema as Schema, value, 'it').diagnostics.length === 0;
}

describe('the bounds', () => {
  test.each([
    ['retries', 0, true],
    ['retries', -1, false],
    ['delay', 0.5, true],
    ['delay', -1, false],
    ['when', false, true],
    ['when', [true, 'a'], true],
    ['when', '', false],
    ['loop', [], true],
    ['loop', {}, false],
    ['tags', 'a', true],
    ['tags', ['a', ''], false],
    ['become_user', '', false],
    ['become_method', 'sudo', true],
    ['become_method', 'su', false],
    ['become', false, true],
    ['become', 'yes', false],
    ['register', 'result_1', true],
    ['register', 'a-b', false],
    ['register', 'a.b', false],
    ['notify', ['a', 'b'], true],
    ['notify', [], true],
    ['changed_when', [true, 'a'], true],
    ['failed_when', {}, false],
    ['environment', { A: 1 }, true],
    ['environment', [{ A: 1 }, { B: 2 }], true],
    ['environment', '{{ env }}', false],
    ['ignore_errors', 'maybe', false],
    ['loop_control', { loop_var: 'x', index_var: 'i', label: 'l' }, true],
    ['loop_control', { pause: 3 }, false],
    ['loop_control', { extended: true }, false],
    ['args', 'a=b', false],
  ])('of a task: %s %j is accepted: %s', (key, value, accepted) => {
    expect(isAccepted(taskSchema, { [key]: value })).toBe(accepted);
  });

  test.each([
    [blockSchema, { block: [], rescue: [], when: 'a' }, true],
    [blockSchema, { block: [], loop: [] }, false],
    [blockSchema, { block: [], register: 'a' }, false],
    [includeSchema, { loop: [1], vars: { a: 1 }, tags: 'a' }, true],
    [includeSchema, { notify: 'a' }, false],
    [metaSchema, { when: 'a' }, true],
    [metaSchema, { loop: [] }, false],
    [tasksFileSchema, { file: 'a.yml', apply: {} }, true],
    [tasksFileSchema, {}, false],
    [roleArgsSchema, { name: 'a', tasks_from: 'b', public: true }, true],
    [roleArgsSchema, { name: 'a', tasks_form: 'b' }, false],
    [applySchema, { tags: ['a'], when: 'b' }, true],
    [applySchema, { loop: [] }, false],
  ])('%#: %j', (schema, value, accepted) => {
    expect(isAccepted(schema, value)).toBe(accepted);
  });
});

test.each([
  taskSchema,
  blockSchema,
  includeSchema,
  metaSchema,
  tasksFileSchema,
  roleArgsSchema,
  applySchema,
])('each schema is one that values can be checked against (%#)', (schema) => {
  expect(schemaFlaw(schema as unknown as Schema)).toBeUndefined();
});
