import type { Environment } from '../../contract/environment.ts';
import type { Inventory } from '../../contract/inventory.ts';
import type { Registry } from '../../contract/registry.ts';
import type { SecretValues } from '../../contract/secrets.ts';
import type { Fields } from '../../values/values.ts';
import type { Playbook } from './playbook.ts';

/** What plays are made ready with. */
export interface ReadyInput {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly modules: Registry;
  readonly secrets: SecretValues;
  /** What `lookup('env', …)` may ask. */
  readonly env?: Environment;
  /** Variables of the command line, stronger than all others. */
  readonly extraVars?: Fields;
  readonly limit: string | undefined;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Whether it is a mistake when nothing is left to do. */
  readonly idle: 'refused' | 'accepted';
}
