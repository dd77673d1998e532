import { resourcesOf } from '../contract/desired.ts';
import { type AnyModule, isPending, type NeededFile } from '../contract/module.ts';
import {
  type Change,
  isDeferred,
  isRefused,
  type Resource,
  type Step,
} from '../contract/resource.ts';
import type { Trial } from '../contract/trial.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { check } from '../read/schema/schema_check.ts';
import { controllerFilesOf, factOf, labOf, stateOf } from './answers.ts';
import type { CaseFile, Expected } from './case_file.ts';
import { type Asked, judged } from './judged.ts';
import { refuseUnknown } from './unknown_name.ts';

/** What must not come of a case unless it is expected. */
const TELLING = ['error', 'pending', 'deferred', 'warnings', 'findings'] as const;

/** What can be told without what a module desires. */
const OF_HEALTH: readonly string[] = ['findings', 'things', 'figures', 'proofs', 'trials'];

/** What a module makes of a case, in the keys for which the case has an expectation, and what comes unexpectedly. */
export function outcome(module: AnyModule, example: CaseFile): Expected {
  const seen = look(module, example);
  const isShown = (key: string, value: unknown): boolean =>
    Object.hasOwn(example.expect, key) ||
    (TELLING.some((telling) => telling === key) && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(Object.entries(seen).filter(([key, value]) => isShown(key, value)));
}

function look(module: AnyModule, example: CaseFile): Expected {
  const { value: args, diagnostics } = check(module.schema, example.args, 'arguments');
  if (diagnostics.length > 0)
    return { error: diagnostics.map(({ message }) => message).join('\n') };
  const lab = labOf(example);
  const known = Object.keys(module.facts ?? {});
  refuseUnknown('fact', Object.keys(example.facts), known);
  const facts = Object.fromEntries(
    Object.entries(module.facts ?? {}).map(([key, fact]) => [
      key,
      factOf(fact, example.facts[key]),
    ]),
  );
  const files = controllerFilesOf(example);
  refuseUnneeded(Object.keys(files), module.files?.(args as never) ?? []);
  const input = {
    args,
    facts,
    host: lab.hosts[example.host],
    lab,
    files,
    held: example.held,
  } as never;
  try {
    const trials: readonly Trial[] = module.trials?.(input) ?? [];
    const judgement = hasAnswers(example) ? judged(asked(module, input), example) : {};
    const wished = isAboutHealthAlone(example)
      ? {}
      : compared(resourcesOf(module.desired(input), module.name), example);
    return { ...wished, trials, ...judgement };
  } catch (error) {
    if (isPending(error)) {
      return {
        pending: error.message,
        ...compared(resourcesOf(error.resources, module.name), example),
      };
    }
    if (!isRefused(error)) throw error;
    return { error: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
}

/** Refuses files of the controller that the module does not ask for. */
function refuseUnneeded(given: readonly string[], needed: readonly NeededFile[]): void {
  const inTrees = given.filter((path) =>
    needed.some((each) => each.kind === 'tree' && path.startsWith(`${each.path}/`)),
  );
  refuseUnknown('file', given, [...needed.map(({ path }) => path), ...inTrees]);
}

function hasAnswers({ answers, expect }: CaseFile): boolean {
  return Object.keys(answers).length > 0 || ['findings', 'proofs'].some((key) => key in expect);
}

function isAboutHealthAlone(example: CaseFile): boolean {
  const { facts, states, files, expect } = example;
  return (
    Object.keys({ ...facts, ...states, ...files }).length === 0 &&
    Object.keys(expect).every((key) => OF_HEALTH.includes(key))
  );
}

function asked(module: AnyModule, input: never): Asked {
  return { questions: module.health?.(input) ?? [], proofs: module.proofs?.(input) ?? [] };
}

function compared(resources: readonly Resource[], example: CaseFile): Expected {
  const diffs: string[] = [];
  const steps: Step[] = [];
  const handlers = new Set<string>();
  const deferred: string[] = [];
  const warnings: string[] = [];
  const results: Record<string, unknown> = {};
  refuseUnknown(
    'resource',
    [...Object.keys(example.states), ...Object.keys(example.files)],
    resources.flatMap(({ id }) => [id, id.replace(/^file /, '')]),
  );
  for (const resource of resources) {
    const state = stateOf(resource, example);
    if (state === undefined) continue;
    warnings.push(...(resource.warnings?.(state.now) ?? []).map(({ message }) => message));
    if (resource.result) results[resource.id] = resource.result(state.now);
    const { change, reason } = wish(resource, state.now);
    if (reason !== undefined) deferred.push(`${resource.id}: ${reason}`);
    if (!change) continue;
    diffs.push(unifiedDiff(resource.id, change));
    steps.push(...change.steps);
    for (const { id } of change.onChange ?? []) handlers.add(id);
    if (reason === undefined && 'next' in change) {
      if (resource.change(change.next)) throw new Error(`${resource.id} is not idempotent`);
    }
  }
  return {
    diff: diffs.join(''),
    steps: steps.map((step, i) => asExpected(step, example.expect.steps?.[i])),
    handlers: [...handlers],
    deferred,
    warnings,
    results,
    resources: resources.map(({ id }) => id),
  };
}

type ExpectedStep = NonNullable<Expected['steps']>[number];

/** A step in the form in which the case expects one. */
function asExpected({ title, script }: Step, wanted: ExpectedStep | undefined): ExpectedStep {
  if (wanted === undefined || typeof wanted === 'string') return title;
  const { contains } = wanted;
  return {
    title,
    ...(wanted.script !== undefined && { script }),
    ...(contains !== undefined && {
      contains: unpacked(script).includes(contains) ? contains : unpacked(script),
    }),
  };
}

/** A script with the texts that it carries in base64, each after it, as deep as they are packed. */
function unpacked(script: string): string {
  const packed = script.match(/(?:[\w+/]{76}\n)*[\w+/]{2,}={0,2}(?=\n|")/g) ?? [];
  const texts = packed
    .filter((text) => text.replace(/\n/g, '').length % 4 === 0 && text.length >= 40)
    .map((text) => Buffer.from(text, 'base64').toString());
  return [script, ...texts.map(unpacked)].join('\n');
}

function wish(
  resource: Resource,
  state: unknown,
): { readonly change: Change | undefined; readonly reason?: string } {
  try {
    return { change: resource.change(state) };
  } catch (error) {
    if (!isDeferred(error)) throw error;
    return { change: error.change, reason: error.message };
  }
}
