import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import { described, isEqual, isIn, order } from './operators.ts';
import { pythonRegex, subjectOf } from './python_regex.ts';
import { textOf } from './python_text.ts';
import { badTemplate, wrongType } from './refusal.ts';
import type { Test } from './tools.ts';
import { demand, isCallable, isDict, isFloat, isUndefined, numberOf, truth } from './values.ts';
import { compareVersions } from './versions.ts';

/** A test of the value alone. */
function plain(asks: (value: unknown) => boolean): Test {
  return (input, args) => {
    bound(args);
    return asks(demand(input));
  };
}

/** A test against one other value. */
function against(asks: (value: unknown, other: unknown) => boolean): Test {
  return (input, args) => {
    const given = bound(args, 'other');
    if (args.positional.length + args.named.size === 0)
      throw badTemplate('this test needs a value to compare with');
    return asks(demand(input), given.any('other'));
  };
}

/** A test of what a task registered. */
function ofResult(asks: (result: Readonly<Record<string, unknown>>) => unknown): Test {
  return plain((value) => {
    if (isDict(value)) return truth(asks(value) ?? false);
    throw wrongType(`this asks for what a task registered, not for ${described(value)}`);
  });
}

function regexTest(flags: 'y' | '', pattern?: (written: string) => string): Test {
  return (input, args) => {
    const given = bound(args, 'pattern', 'ignorecase', 'multiline', 'match_type');
    const type = given.optionalText('match_type', 'search');
    const written = given.optionalText('pattern', '');
    const isFull = type === 'fullmatch';
    const text = pattern?.(written) ?? (isFull ? `^(?:${written})\\Z` : written);
    const options = { ignoreCase: given.flag('ignorecase'), multiline: given.flag('multiline') };
    const sticky = flags === 'y' || type === 'match' ? 'y' : '';
    return pythonRegex(text, options, sticky).test(subjectOf(textOf(input)));
  };
}

const version: Test = (input, args) => {
  const given = bound(args, 'version', 'operator', 'strict', 'version_type');
  const [ours, theirs] = [textOf(input), textOf(given.any('version') ?? '')];
  if (ours === '' || theirs === '') throw wrongType('a version is empty');
  if (given.flag('strict') || given.any('version_type') !== undefined) {
    const type = given.optionalText('version_type', 'strict');
    if (type !== 'loose') throw badTemplate(`versions are compared loosely, not as '${type}'`);
  }
  return compareVersions(ours, given.optionalText('operator', 'eq'), theirs);
};

const isDefined: Test = (input, args) => {
  bound(args);
  return !isUndefined(input);
};

const changed = ofResult((result) => {
  if (Object.hasOwn(result, 'changed')) return result.changed;
  const { results } = result;
  return isList(results) && results.some((each) => isDict(each) && truth(each.changed ?? false));
});
const failed = ofResult(({ failed: has }) => has);
const succeeded: Test = (input, args) => !failed(input, args);
const skipped = ofResult(({ skipped: has }) => has);
const subset = against((a, b) => listOf(a).every((item) => isIn(item, listOf(demand(b)))));
const superset = against((a, b) => listOf(demand(b)).every((item) => isIn(item, listOf(a))));
const equal = against((a, b) => isEqual(a, b));
const unequal = against((a, b) => !isEqual(a, b));
const less = against((a, b) => order(a, b) < 0);
const atMost = against((a, b) => order(a, b, '<=') <= 0);
const more = against((a, b) => order(a, b, '>') > 0);
const atLeast = against((a, b) => order(a, b, '>=') >= 0);

function listOf(value: unknown): readonly unknown[] {
  if (isList(value)) return value;
  throw wrongType(`this takes lists, not ${described(value)}`);
}

function controllerFile(name: string): Test {
  return () => {
    throw badTemplate(`the test '${name}' is not available: it looks at the files of this machine`);
  };
}

/** All tests by name, as in `x is defined`. */
export const tests: ReadonlyMap<string, Test> = new Map<string, Test>(
  Object.entries({
    defined: isDefined,
    undefined: (input, args) => !isDefined(input, args),
    none: plain((value) => value === null),
    boolean: plain((value) => typeof value === 'boolean'),
    true: plain((value) => value === true),
    false: plain((value) => value === false),
    integer: plain((value) => typeof value === 'number' && !isFloat(value)),
    float: plain(isFloat),
    number: plain((value) => typeof value === 'boolean' || numberOf(value) !== undefined),
    string: plain((value) => typeof value === 'string'),
    mapping: plain(isDict),
    sequence: plain((value) => isList(value) || typeof value === 'string' || isDict(value)),
    iterable: plain((value) => isList(value) || typeof value === 'string' || isDict(value)),
    callable: plain(isCallable),
    even: plain((value) => (numberOf(value) ?? 1) % 2 === 0),
    odd: plain((value) => Math.abs((numberOf(value) ?? 0) % 2) === 1),
    divisibleby: against((value, by) => (numberOf(value) ?? 0) % (numberOf(by) ?? 0) === 0),
    lower: plain((value) => textOf(value) === textOf(value).toLowerCase()),
    upper: plain((value) => textOf(value) === textOf(value).toUpperCase()),
    in: against(isIn),
    contains: against((value, item) => isIn(item, value)),
    sameas: against((value, other) => value === other),
    eq: equal,
    equalto: equal,
    '==': equal,
    ne: unequal,
    '!=': unequal,
    lt: less,
    lessthan: less,
    '<': less,
    le: atMost,
    '<=': atMost,
    gt: more,
    greaterthan: more,
    '>': more,
    ge: atLeast,
    '>=': atLeast,
    changed,
    change: changed,
    failed,
    failure: failed,
    succeeded,
    success: succeeded,
    successful: succeeded,
    skipped,
    skip: skipped,
    unreachable: ofResult(({ unreachable }) => unreachable),
    reachable: ofResult(({ unreachable }) => !truth(unreachable ?? false)),
    match: regexTest('y'),
    search: regexTest(''),
    regex: regexTest(''),
    version,
    version_compare: version,
    any: plain((value) => listOf(value).some(truth)),
    all: plain((value) => listOf(value).every(truth)),
    truthy: plain(truth),
    falsy: plain((value) => !truth(value)),
    subset,
    issubset: subset,
    superset,
    issuperset: superset,
    file: controllerFile('file'),
    directory: controllerFile('directory'),
    exists: controllerFile('exists'),
    link: controllerFile('link'),
  } satisfies Record<string, Test>),
);

/** The names of all tests that are words. */
export function testNames(): readonly string[] {
  return [...tests.keys()].filter((name) => /^\w/.test(name)).sort();
}
