import type { Place } from '../values/places.ts';
import type { Scope } from '../values/values.ts';
import type { Diagnostic } from './errors.ts';
import type { Roles } from './extension.ts';
import type { LabView } from './module.ts';
import type { SecretDefinition } from './secrets.ts';
import type { Connection } from './transport.ts';

/** One host of the inventory with everything that groups and itself say about it. */
export interface Host {
  readonly name: string;
  readonly place: Place;
  /** All groups it is in, ancestors too, outermost first; `all` comes first. */
  readonly groups: readonly string[];
  /** Merged and rendered variables; a template in a value has been filled in, secrets too. */
  readonly vars: Readonly<Record<string, unknown>>;
  readonly connection: Connection;
}

export interface Group {
  readonly name: string;
  /** All hosts in it or below it, in inventory order. */
  readonly hosts: readonly string[];
  readonly children: readonly string[];
  /** Those of its hosts that it names itself, in the order in which it names them. */
  readonly direct: readonly string[];
}

/** A whole inventory, checked. */
export interface Inventory {
  /** What it was read from, as the command line names it; several with commas. */
  readonly file: string;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Groups with a meaning; a playbook may name them though no host is in them. */
  readonly roles: Roles;
  readonly lab: LabView;
  /** What templates and conditions of a playbook may use, by host: its variables, `groups`, `hostvars` and so on. */
  readonly scopes: ReadonlyMap<string, Scope>;
  /** All secrets that the file defines, used or not. */
  readonly secrets: ReadonlyMap<string, SecretDefinition>;
  /** The secrets that the inventory uses, inline values of a vault too. */
  readonly usedSecrets: ReadonlyMap<string, SecretDefinition>;
  /** Passwords that stand in the files in clear: they work, and are masked as secrets are. */
  readonly sensitive: readonly string[];
  readonly warnings: readonly Diagnostic[];
}
