import type { HostError } from '../contract/errors.ts';
import type { Task } from '../contract/task.ts';
import { labelsOf } from '../plan/diff.ts';
import type { PlannedChange } from '../plan/plan.ts';
import type { Found } from './causes.ts';
import type { HostResults } from './host_results.ts';

/** Differences that are listed one by one. */
const MOST = 12;

/** A longer line is not quoted: a part of a secret would not be known for one. */
const LONGEST_LINE = 160;

/** The kind of way of what follows from a difference. */
const DRIFT = 'drift';

/** Failures that say nothing of the host but that it is slow. */
const SLOW: ReadonlySet<string> = new Set(['timeout', 'no-answer']);

/**
 * One finding for all that differs from the inventory on a host and that no other finding tells of already.
 *
 * A host that cannot be compared has a cause; where a finding tells of it that is not said again. What cannot be known
 * yet may be for what is wrong with any host.
 */
export function driftFindings(
  { host: { name: host }, drift }: HostResults,
  found: readonly Found[],
): readonly Found[] {
  if (!drift) return [];
  const byHost = byHostOf(found);
  const own = byHost.get(host) ?? [];
  const told: Told = { host, own, byHost };
  const isSick = own.some(isProblem);
  const common = { host, check: 'host.drift', subject: 'drift' };
  if ('failure' in drift) return isSick ? [] : [{ ...common, ...notCompared(drift.failure) }];
  const { changes, deferred, pending, ledger } = drift.plan;
  const differing = changes.filter((change) => !isTold(change, told)).map(inWords);
  const owed = ledger.pendingHandlers.map(({ id }) => `${id}: pending since an earlier run`);
  const later = [
    ...deferred
      .filter((change) => !isTold(change, told))
      .map((change) => `${inWords(change)}; it waits: ${change.reason}`),
    ...(found.some(isProblem) || changes.length > 0
      ? []
      : pending.map(({ task, reason }) => `${task.label}: ${reason}`)),
  ];
  const lines = [...differing, ...owed, ...later];
  if (lines.length === 0) return [];
  const count = differing.length + owed.length;
  const lasting = changes.filter((change) => !isState(change));
  const isCause = own.some(
    (each) => isOfDrift(each) && changes.some((change) => names(each, change)),
  );
  const broken = isCause
    ? undefined
    : triedInVain(own, new Set(lasting.map(({ task }) => moduleOf(task))));
  return [
    {
      ...common,
      severity: broken ? 'problem' : count > 0 ? 'warning' : 'note',
      breaks: isCause
        ? { kinds: [DRIFT], ends: 'from' }
        : { kinds: broken?.kinds ?? [], ends: 'from', ...(broken && { at: broken.at }) },
      what:
        lines.length === 1
          ? 'this host differs from the inventory'
          : `this host differs from the inventory in ${lines.length} places`,
      evidence: [
        ...lines.slice(0, MOST),
        ...(lines.length > MOST ? [`and ${lines.length - MOST} more`] : []),
      ].join('\n'),
      fix: 'lava-play plan shows the difference, and lava-play apply removes it',
    },
  ];
}

/**
 * The ways to one address that do not work, of the modules of which something differs: a first guess at why. Ways to
 * several addresses rather have several causes.
 */
function triedInVain(
  own: readonly Found[],
  modules: ReadonlySet<string>,
): { readonly kinds: readonly string[]; readonly at: string } | undefined {
  const ends = own.flatMap(({ check, isTried, towards, severity }) =>
    isTried && towards && severity === 'problem' && modules.has(check.split('.')[0] ?? '')
      ? [towards]
      : [],
  );
  const [at, ...others] = new Set(ends.map(({ host }) => host));
  if (at === undefined || others.length > 0) return undefined;
  return { kinds: ends.map(({ kind }) => kind), at };
}

function isProblem({ severity }: Found): boolean {
  return severity === 'problem';
}

function notCompared({ message, code, context }: HostError) {
  const isSlow = SLOW.has(code);
  return {
    severity: isSlow ? ('note' as const) : ('problem' as const),
    what: 'this host cannot be compared with the inventory',
    evidence: context.resource === undefined ? message : `${context.resource}: ${message}`,
    fix: context.hint ?? 'lava-play plan says more',
  };
}

/**
 * Whether a finding is about this, is a problem of the same module and host that comes first, or is fixed by an apply
 * anyway; not one that follows from it, such as a way that does not work. A note hides nothing, and a finding about
 * another host only what is named after that host here, such as its settings on the master.
 */
function isTold(
  change: Pick<PlannedChange, 'task' | 'resource'>,
  { host, own, byHost }: Told,
): boolean {
  const isOfModule = ({ check }: Found): boolean => moduleOf(change.task) === check.split('.')[0];
  const isToldHere = own.filter(canTell).some((each) => {
    const isFirst = isProblem(each) && (!each.isTried || isState(change));
    return names(each, change) || (isOfModule(each) && (isFirst || isFixedByApply(each)));
  });
  if (isToldHere) return true;
  return change.resource.id
    .split(/[\s/]+/)
    .filter((word) => word !== host)
    .flatMap((word) => byHost.get(word) ?? [])
    .filter(canTell)
    .some((each) => isOfModule(each) && (names(each, change) || isFixedByApply(each)));
}

function canTell(each: Found): boolean {
  return !isOfDrift(each) && each.severity !== 'note';
}

/** What is found, where it may tell of a difference on a host. */
interface Told {
  readonly host: string;
  readonly own: readonly Found[];
  readonly byHost: ReadonlyMap<string, readonly Found[]>;
}

const indexed = new WeakMap<readonly Found[], Told['byHost']>();

/** The findings of each host; they are the same for all hosts of a lab. */
function byHostOf(found: readonly Found[]): Told['byHost'] {
  const known = indexed.get(found);
  if (known) return known;
  const byHost = new Map<string, Found[]>();
  for (const each of found) {
    const others = byHost.get(each.host);
    if (others) others.push(each);
    else byHost.set(each.host, [each]);
  }
  indexed.set(found, byHost);
  return byHost;
}

/** Something that comes and goes with what it depends on, and so is no cause of it. */
function isState({ resource: { id } }: Pick<PlannedChange, 'resource'>): boolean {
  return /^(unit|listening|mount) /.test(id);
}

function names(
  { what, evidence, subject = '' }: Found,
  { resource: { id } }: Pick<PlannedChange, 'resource'>,
): boolean {
  const name = id.slice(id.indexOf(' ') + 1);
  return subject === id || holdsWord(`${what}\n${evidence}\n${subject}`, name);
}

function isFixedByApply({ fix }: Found): boolean {
  return fix.includes('lava-play apply');
}

/** Whether a text has this name by itself, and not as a part of a longer one; `ssh` is `ssh.service` too. */
function holdsWord(text: string, name: string): boolean {
  const exact = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w./@-])${exact}(?:\\.service)?(?![\\w/@-]|\\.\\w)`).test(text);
}

/** A finding may say of itself that it follows from what differs, where that is named in it. */
function isOfDrift({ towards }: Found): boolean {
  return towards?.kind === DRIFT;
}

function moduleOf({ module }: Task): string {
  return module.name;
}

/** `file /etc/x: -old line +new line`. */
function inWords({ resource: { id }, change }: Pick<PlannedChange, 'resource' | 'change'>): string {
  const [before, after] = [change.before, change.after].map((text) => text.split('\n'));
  const gone = firstOf(before, after);
  const come = firstOf(after, before);
  const labels = labelsOf(change);
  const words = [
    ...(labels[0] === labels[1] ? [] : [labels.join(' -> ')]),
    ...(gone === undefined ? [] : [`-${gone}`]),
    ...(come === undefined || labels[0] === 'missing' ? [] : [`+${come}`]),
  ];
  return words.length === 0 ? id : `${id}: ${words.join(' ')}`;
}

/** The first line that the others do not have, where it is short enough to be quoted. */
function firstOf(
  lines: readonly string[] = [],
  others: readonly string[] = [],
): string | undefined {
  const known = new Set(others);
  const own = lines.filter((each) => each.trim() !== '' && !known.has(each));
  const line = own.find((each) => !each.trimStart().startsWith('#')) ?? own[0];
  if (line === undefined) return undefined;
  return line.length > LONGEST_LINE ? 'a long line' : line.trim();
}
