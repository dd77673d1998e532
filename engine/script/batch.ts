import type { Snippet } from '../contract/query.ts';
import { newMark, ownFunctions, places, subshell } from './snippets.ts';

/** Shell snippets packed into one script, and the way to take their answers apart again. */
export interface Batch {
  readonly script: string;
  /** What follows each answer, up to its status. */
  readonly answerEnd: string;
  split(output: string): readonly Answer[];
}

/** What one snippet printed, and its exit status. */
export interface Answer {
  readonly output: string;
  readonly status: number;
}

/**
 * Packs snippets so that a host answers all of them in one round trip.
 *
 * Each runs in its own subshell with no standard input, because the script itself arrives there.
 */
export function batch(snippets: readonly Snippet[], mark = newMark()): Batch {
  const frames = snippets.map(
    (snippet) => `${subshell(snippet, '2>/dev/null')}\nprintf '\\n%s %d\\n' "$lp_mark" $?`,
  );
  const end = new RegExp(`\\n${mark} (\\d+)\\n`, 'g');
  return {
    script: `lp_mark=${mark}\n${places}${ownFunctions(snippets)}${frames.join('\n')}\n`,
    answerEnd: `\n${mark} `,
    split(output) {
      const answers: Answer[] = [];
      let start = 0;
      for (const match of output.matchAll(end)) {
        answers.push({ output: output.slice(start, match.index), status: Number(match[1]) });
        start = match.index + match[0].length;
      }
      return answers;
    },
  };
}

/** One snippet with its error output kept: how a failed question is asked again for the host's own words. */
export function withErrors(snippet: Snippet): string {
  return `${places}${ownFunctions([snippet])}${subshell(snippet, '2>&1')}\n`;
}
