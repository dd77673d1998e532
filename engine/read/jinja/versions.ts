import { badTemplate, wrongType } from './refusal.ts';

const OPERATORS: Readonly<Record<string, (sign: number) => boolean>> = {
  eq: (sign) => sign === 0,
  ne: (sign) => sign !== 0,
  lt: (sign) => sign < 0,
  le: (sign) => sign <= 0,
  gt: (sign) => sign > 0,
  ge: (sign) => sign >= 0,
};

const SIGNS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '=': 'eq',
  '!=': 'ne',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

/** Compares versions as Ansible's test does by default, with Python's LooseVersion. */
export function compareVersions(ours: string, operator: string, theirs: string): boolean {
  const name = SIGNS[operator] ?? operator;
  const holds = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!holds)
    throw badTemplate(`'${operator}' does not compare versions`, 'write <, <=, ==, !=, >= or >');
  return holds(signOf(partsOf(ours), partsOf(theirs)));
}

function partsOf(version: string): readonly (string | number)[] {
  return (version.match(/\d+|[a-z]+|[^\da-z.]+/g) ?? []).map((part) =>
    /^\d/.test(part) ? Number(part) : part,
  );
}

function signOf(ours: readonly (string | number)[], theirs: readonly (string | number)[]): number {
  for (const [index, part] of ours.entries()) {
    const other = theirs[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (typeof part !== typeof other) {
      throw wrongType(`'${part}' and '${other}' of the two versions have no order`);
    }
    return part < other ? -1 : 1;
  }
  return ours.length - theirs.length;
}
