import type { Place } from '../values/places.ts';

/** Gives a secret's value by its name. */
export type SecretValues = (name: string) => string;

/** Where a secret's value comes from; exactly one source. Relative files are relative to the inventory. */
export type SecretSource =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] }
  | { readonly prompt: string }
  /** A text that Ansible Vault encrypted, where `!vault` stands. */
  | { readonly vault: string };

/** A secret as the inventory defines it. */
export interface SecretDefinition {
  readonly name: string;
  readonly source: SecretSource;
  readonly place: Place;
}
