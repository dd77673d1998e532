import type { Fact } from '../contract/module.ts';
import type { Fields } from '../values/values.ts';

export const hostFacts: Fact<Fields> = {
  probe: 'uname -n',
  parse: (output) => ({ ansible_hostname: output.trim() }),
};
