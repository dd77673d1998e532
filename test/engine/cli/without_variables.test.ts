import { expect, test } from 'vitest';
import { withoutVariables } from '../../../engine/cli/without_variables.ts';

test.each([
  ['apply lab.yaml -y', 'apply lab.yaml -y'],
  ['apply -e password=x lab.yaml', 'apply -e … lab.yaml'],
  ['apply --extra-vars password=x', 'apply --extra-vars …'],
  ['apply --extra-vars=password=x -epassword=x', 'apply --extra-vars=… -e…'],
])('%s is kept as %s', (given, kept) => {
  expect(withoutVariables(given.split(' ')).join(' ')).toBe(kept);
});
