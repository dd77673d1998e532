import type { LabAnswers } from '../../engine/sdk.ts';

/** Something that only the master can say. */
export type FromMaster<T> =
  | { readonly kind: 'known'; readonly value: T }
  /** What an earlier run has written stays: the master, or its database, could not be asked now. */
  | { readonly kind: 'left as it is' }
  | { readonly kind: 'missing'; readonly reason: string };

/** What is asked for, and where. */
interface Query {
  readonly master: string;
  /** In words, for the reason: `the token of worker01`. */
  readonly what: string;
  /** Whether an earlier run has written it on this host. */
  readonly written: 'yes' | 'no';
}

/** A master's answer as far as it goes: the thing itself, that there is none, or that nobody could look. */
export type Answer<T> = { readonly value: T } | 'none' | 'silent';

/** What follows from the answer of a master, which may be missing too. */
export function fromMaster<A, T>(
  answers: LabAnswers<A>,
  { master, what, written }: Query,
  read: (answer: A) => Answer<T>,
): FromMaster<T> {
  const isAsked = Object.hasOwn(answers, master);
  const answer = isAsked ? read(answers[master] as A) : 'silent';
  if (typeof answer === 'object') return { kind: 'known', value: answer.value };
  if (answer === 'silent' && written === 'yes') return { kind: 'left as it is' };
  const reason = isAsked ? `does not know ${what} yet` : `could not be queried for ${what}`;
  return { kind: 'missing', reason: `${master} ${reason}` };
}
