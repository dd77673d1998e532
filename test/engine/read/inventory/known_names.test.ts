import { expect, test } from 'vitest';
import { connectionNames, variablesOf } from '../../../../engine/read/inventory/known_names.ts';
import { hostVariables } from '../../../../engine/read/inventory/schema.ts';
import { lavaLab } from '../../../../lab/field.ts';

test('no name stands for two settings', () => {
  expect(new Set(connectionNames).size).toBe(connectionNames.length);
  expect(connectionNames).toEqual(expect.arrayContaining(['address', 'ansible_host', 'jump']));
});

test('variables are those of the field beside the own ones, which it cannot replace', () => {
  const own = { type: 'boolean' } as const;
  const variables = variablesOf({ ...lavaLab, variables: { mine: own, lab_address: own } });
  expect(variables).toEqual({ mine: own, ...hostVariables });
});

test('no variable of the field is a connection setting', () => {
  const variables = Object.keys(variablesOf(lavaLab));
  expect(variables.filter((name) => connectionNames.includes(name))).toEqual([]);
});
