import type { Figure, Finding, Thing } from '../contract/finding.ts';
import type { HealthQuery } from '../contract/health_query.ts';
import { isRefused } from '../contract/resource.ts';
import type { Proof } from '../contract/trial.ts';
import { isMap } from '../values/values.ts';
import { printed } from './answers.ts';
import type { CaseFile, Expected } from './case_file.ts';
import { refuseUnknown } from './unknown_name.ts';

/** What a module asks about health, and what it wants to see proved at the end of a run. */
export interface Asked {
  readonly questions: readonly HealthQuery[];
  readonly proofs: readonly Proof[];
}

type ExpectedFinding = NonNullable<Expected['findings']>[number];

/** What the answers of a case tell; a question without an answer is not judged. */
export function judged(
  { questions, proofs }: Asked,
  { answers, expect }: CaseFile,
): Pick<Expected, 'findings' | 'things' | 'figures' | 'proofs'> {
  const known = [...questions.map(({ id }) => id), ...proofs.map(({ subject }) => subject)];
  refuseUnknown('question or proof', Object.keys(answers), known);
  const found: (Finding & { readonly id: string })[] = [];
  const things: Thing[] = [];
  const figures: Figure[] = [];
  for (const question of questions) {
    const answer = answers[question.id];
    if (answer === undefined || question.probe === undefined) continue;
    if (question.of === undefined) {
      const output = printed(answer);
      found.push(...question.judge(output).map((finding) => ({ ...finding, id: question.id })));
      things.push(...(question.things?.(output) ?? []));
      figures.push(...(question.figures?.(output) ?? []));
    } else {
      if (!isMap(answer)) throw new Error(`${question.id} is answered by host`);
      const outputs = Object.fromEntries(
        Object.entries(answer).map(([host, output]) => [host, printed(output)]),
      );
      found.push(...question.judge(outputs).map((finding) => ({ ...finding, id: question.id })));
    }
  }
  return {
    findings: found.map((finding, i) => asExpected(finding, expect.findings?.[i])),
    things,
    figures,
    proofs: proofs.flatMap((proof) => {
      const answer = answers[proof.subject];
      return answer === undefined ? [] : [shown(proof, printed(answer))];
    }),
  };
}

/** A finding in the keys that the case compares. */
function asExpected(
  { id, severity, what, ...more }: Finding & { readonly id: string },
  wanted: ExpectedFinding | undefined,
): ExpectedFinding {
  const kept = Object.entries(more).filter(([key]) => wanted && Object.hasOwn(wanted, key));
  return { id, severity, what, ...Object.fromEntries(kept) };
}

function shown(proof: Proof, output: string): string {
  try {
    const { state, words } = proof.judge(output);
    return `${state}: ${words}`;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return `refused: ${error.message}`;
  }
}
