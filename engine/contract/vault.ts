import type { Diagnostic } from './errors.ts';

/** Opens what Ansible Vault encrypted. */
export interface Vault {
  /** The text behind a vaulted one, or why there is none; `what` is it in a sentence: "this file". */
  open(text: string, what: string): Promise<Opened>;
}

/** A vaulted text opened, or the mistake that keeps it closed, still without a place. */
export type Opened = { readonly text: string } | { readonly mistake: Omit<Diagnostic, 'place'> };
