import type { Finding } from '../contract/finding.ts';
import { saidBy, stackOf } from '../contract/module_error.ts';
import { isRefused } from '../contract/resource.ts';
import type { Found } from './causes.ts';

/** Whether an error of a module is told with its stack. */
export type Stacks = 'shown' | 'hidden';

/** Who judges what. */
export interface Judgement {
  readonly check: string;
  /** The host that findings are about unless they name another. */
  readonly host: string;
  /** Nothing for a question of the engine's or an extension's. */
  readonly module?: string | undefined;
  readonly stacks: Stacks;
}

/** A judgement that breaks says so instead of ending the check; one that refuses knows why, and what to do. */
export function judged(judgement: Judgement, judge: () => readonly Finding[]): readonly Found[] {
  const { check, host, module } = judgement;
  try {
    return judge().map((finding) => ({ ...finding, host: finding.host ?? host, check }));
  } catch (error) {
    if (isRefused(error)) {
      const what = 'the answer of this host could not be parsed';
      return [broken(what, error, judgement)];
    }
    const of = module === undefined ? '' : ` of the module ${module}`;
    return [broken(`the check ${check}${of} failed to evaluate the answer`, error, judgement)];
  }
}

/** What cannot be judged is not a success. */
export function broken(
  what: string,
  error: unknown,
  { check, host, module, stacks }: Judgement,
): Found {
  const common = { host, check, severity: 'problem', what } as const;
  if (isRefused(error)) {
    const fix = error.hint ?? 'see what the host answers to the probe of this check';
    return { ...common, evidence: error.message, fix };
  }
  const stack = stacks === 'shown' ? stackOf(error) : undefined;
  return {
    ...common,
    evidence: stack ?? saidBy(error, module),
    fix:
      module === undefined
        ? 'report it with the output of: lava-play check --json'
        : 'fix the module; LAVA_PLAY_STACKS=1 shows where the error came from',
  };
}
