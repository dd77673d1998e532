import type { HostCode } from '../contract/codes.ts';
import { HostError } from '../contract/errors.ts';
import type { RunQueries } from '../contract/query.ts';
import type { Session } from '../contract/transport.ts';
import { batch, withErrors } from '../script/batch.ts';
import { untilStopped } from './until_stopped.ts';

/** Failures that the first question without an answer is to blame for. */
const BLAMED: ReadonlySet<HostCode> = new Set(['timeout', 'too-much-output']);

/** Puts a plan's questions to a host through its session: one script, one round trip. Nothing is waited for after a stop. */
export function queryThrough(session: Session, host: string, stop?: AbortSignal): RunQueries {
  return (questions) => (stop ? untilStopped(ask(questions), host, stop) : ask(questions));

  async function ask(questions: Parameters<RunQueries>[0]): Promise<readonly string[]> {
    const { script, split, answerEnd } = batch(questions);
    const answers = await session.run(script, { answerEnd }).then(split, (error: unknown) => {
      throw placed(error, split);
    });
    for (const [i, question] of questions.entries()) {
      const answer = answers[i];
      if (answer?.status === 0) continue;
      const { task, resource } = question;
      const what = resource ?? 'the state kept on the host';
      if (!answer) {
        throw new HostError('failed', 'no-answer', `no answer to the question about ${what}`, {
          host,
          task,
          resource,
        });
      }
      const output = await session.run(withErrors(question));
      throw new HostError(
        'failed',
        'probe-failed',
        `cannot read ${what}: its probe ended with status ${answer.status}`,
        { host, task, resource, output },
      );
    }
    return answers.map(({ output }) => output);

    function placed(error: unknown, split: (output: string) => readonly unknown[]): unknown {
      if (!(error instanceof HostError) || !BLAMED.has(error.code)) return error;
      const question = questions[split(error.context.output ?? '').length];
      return new HostError(error.kind, error.code, error.message, {
        ...error.context,
        output: undefined,
        task: question?.task,
        resource: question?.resource,
      });
    }
  }
}
