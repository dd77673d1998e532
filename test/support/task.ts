import type { Task } from '../../engine/contract/task.ts';
import {
  defineModule,
  type Fact,
  type HostView,
  type LabFact,
  type Resource,
} from '../../engine/sdk.ts';

/** What a test's module decides. */
export type Desired = (input: {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly host: HostView;
}) => readonly Resource[];

/** A task whose module a test makes up, from line 3 of lab.yaml. */
export function taskOf(
  label: string,
  desired: Desired,
  more: {
    readonly facts?: Readonly<Record<string, Fact | LabFact>>;
    readonly retries?: number;
    readonly delay?: number;
  } = {},
): Task {
  const module = defineModule({
    name: label,
    summary: '',
    example: '',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    desired,
    ...(more.facts && { facts: more.facts }),
  });
  const place = { file: 'lab.yaml', line: 3, column: 5, length: 1, text: '' };
  return {
    ...{ label, module, index: 0, args: {} },
    ...{ retries: more.retries ?? 0, delay: more.delay, place },
  };
}
