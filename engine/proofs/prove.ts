import type { RunQueries } from '../contract/query.ts';
import { isRefused } from '../contract/resource.ts';
import type { Proof, Shown } from '../contract/trial.ts';

/** A proof that a task asks for. */
export interface AskedProof {
  readonly proof: Proof;
  /** The task's label. */
  readonly task: string;
}

/** What came of a proof. */
export interface Proved extends Omit<Shown, 'state'> {
  readonly subject: string;
  readonly state: Shown['state'] | 'failed';
  readonly task: string;
  readonly hint?: string | undefined;
}

/** Asks a host for all proofs in one script; what is otherwise than it should be is an answer, too. */
export async function prove(
  proofs: readonly AskedProof[],
  ask: RunQueries,
): Promise<readonly Proved[]> {
  if (proofs.length === 0) return [];
  const questions = new Map(
    proofs.map(({ proof: { probe, subject }, task }) => [
      probe,
      { script: probe, task, resource: `the proof of ${subject}` },
    ]),
  );
  const outputs = await ask([...questions.values()]);
  const answers = new Map([...questions.keys()].map((probe, i) => [probe, outputs[i] ?? '']));
  return proofs.map(({ proof, task }) => {
    const { subject, probe } = proof;
    return { subject, task, ...judged(proof, answers.get(probe) ?? '') };
  });
}

function judged(proof: Proof, output: string): Pick<Proved, 'state' | 'words' | 'hint'> {
  try {
    return proof.judge(output);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { state: 'failed', words, hint: isRefused(error) ? error.hint : undefined };
  }
}
