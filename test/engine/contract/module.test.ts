import { expect, test } from 'vitest';
import { defineModule } from '../../../engine/sdk.ts';

test('a fact is typed by its parse, whose argument needs no type', () => {
  const module = defineModule({
    ...{ name: 'a', summary: 'a', example: '' },
    schema: { type: 'object', additionalProperties: false, properties: {} },
    facts: {
      clusters: { probe: 'pg_lsclusters', parse: (output) => output.split('\n') },
      ports: { of: 'master', probe: 'cat port', parse: (output) => Number(output) },
    },
    desired({ facts }) {
      const clusters: readonly string[] = facts.clusters;
      const ports: Readonly<Record<string, number>> = facts.ports;
      expect([clusters, ports]).toEqual([['15 main'], { master: 5432 }]);
      return [];
    },
  });
  const facts = { clusters: ['15 main'], ports: { master: 5432 } };
  const host = { name: 'here', address: 'here', groups: [], vars: {} };
  module.desired({ args: {}, facts, host, lab: { hosts: {}, groups: {} }, files: {} });
});
