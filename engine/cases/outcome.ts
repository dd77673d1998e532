import { type AnyModule, type Fact, isPending, type LabFact } from '../contract/module.ts';
import { type Change, isRefused, isWaits, type Resource } from '../contract/resource.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { check } from '../read/schema/schema_check.ts';
import { type CaseFile, labOf, outputOf } from './case_file.ts';

/** What a module makes of a case, in the keys for which the case has an expectation. */
export function outcome(module: AnyModule, example: CaseFile): CaseFile['expect'] {
  const seen = look(module, example);
  const entries = Object.entries(seen).filter(([key]) => Object.hasOwn(example.expect, key));
  const surprise = ['error', 'pending'].find(
    (key) => Object.hasOwn(seen, key) && !Object.hasOwn(example.expect, key),
  );
  return surprise ? seen : Object.fromEntries(entries);
}

function look(module: AnyModule, example: CaseFile): CaseFile['expect'] {
  const { value: args, diagnostics } = check(module.schema, example.args, 'arguments');
  if (diagnostics.length > 0)
    return { error: diagnostics.map(({ message }) => message).join('\n') };
  const lab = labOf(example);
  const facts = Object.fromEntries(
    Object.entries(module.facts ?? {}).map(([key, fact]) => [
      key,
      answerTo(fact, example.facts?.[key]),
    ]),
  );
  const input = { args, facts, host: lab.hosts[example.host ?? 'here'], lab } as never;
  try {
    const checks = module.checks?.(input) ?? [];
    return { ...compared(module.desired(input), example), checks };
  } catch (error) {
    if (isPending(error)) {
      return { pending: error.message, ...compared(error.resources, example) };
    }
    if (!isRefused(error)) throw error;
    return { error: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
}

function answerTo(
  fact: Fact | LabFact,
  printed: string | Readonly<Record<string, string>> = 'of' in fact ? {} : '',
): unknown {
  if ('of' in fact !== (typeof printed === 'object')) {
    throw new Error('the output of a fact is one text, or texts by host when a group is asked');
  }
  if (typeof printed === 'string') return fact.parse(printed);
  return Object.fromEntries(
    Object.entries(printed).map(([host, output]) => [host, fact.parse(output)]),
  );
}

function compared(resources: readonly Resource[], example: CaseFile): CaseFile['expect'] {
  const diffs: string[] = [];
  const reactions = new Set<string>();
  const waits: string[] = [];
  const warnings: string[] = [];
  const mentioned = Object.keys({ ...example.states, ...example.files });
  for (const id of mentioned) {
    if (!resources.some((resource) => [id, `file ${id}`].includes(resource.id))) {
      throw new Error(`the module wants no resource called ${id}`);
    }
  }
  for (const resource of resources) {
    const output = outputOf(resource.id, example);
    if (output === undefined) continue;
    const state = resource.parse(output);
    warnings.push(...(resource.warnings?.(state) ?? []).map(({ message }) => message));
    const { change, reason } = wish(resource, state);
    if (reason !== undefined) waits.push(`${resource.id}: ${reason}`);
    if (!change) continue;
    diffs.push(unifiedDiff(resource.id, change));
    for (const { id } of change.onChange ?? []) reactions.add(id);
    if (reason === undefined && 'next' in change) {
      if (resource.change(change.next)) throw new Error(`${resource.id} is not idempotent`);
    }
  }
  return {
    diff: diffs.join(''),
    reactions: [...reactions],
    waits,
    warnings,
    resources: resources.map(({ id }) => id),
  };
}

function wish(
  resource: Resource,
  state: unknown,
): { readonly change: Change | undefined; readonly reason?: string } {
  try {
    return { change: resource.change(state) };
  } catch (error) {
    if (!isWaits(error)) throw error;
    return { change: error.change, reason: error.message };
  }
}
