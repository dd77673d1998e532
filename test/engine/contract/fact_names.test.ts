import { expect, test } from 'vitest';
import { FACT_NAMES } from '../../../engine/contract/fact_names.ts';
import { hostFacts } from '../../../engine/resources/host_facts.ts';

test('the names are those of the facts that are read', () => {
  expect(FACT_NAMES.toSorted()).toEqual(Object.keys(hostFacts.parse('')).toSorted());
});
