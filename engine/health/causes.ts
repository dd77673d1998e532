import type { Finding, HostFinding, PathEnd } from '../contract/finding.ts';

/** A finding before it is known which others it explains. */
export interface Found extends Finding {
  readonly host: string;
  readonly check: string;
  /** The host has tried the path itself, and not only drawn conclusions. */
  readonly isTried?: true;
}

/** Which host of the inventory a way leads to that begins at another. */
export type TargetOf = (end: PathEnd, from: string) => string | undefined;

/** Tells each cause once, with all that follows from it and is not told by itself then. */
export function explained(found: readonly Found[], targetOf: TargetOf): readonly HostFinding[] {
  const followers = new Map<Found, Found[]>();
  const told: Found[] = [];
  for (const each of found) {
    const root = rootOf(each, found, targetOf);
    if (root === each) told.push(each);
    else followers.set(root, [...(followers.get(root) ?? []), each]);
  }
  return told.map((each) => {
    const { towards: _, breaks: __, isTried: ___, until: ____, ...finding } = each;
    const felt = followers.get(each) ?? [];
    const severity =
      felt.some(isProblem) && each.severity === 'warning' ? 'problem' : each.severity;
    return { ...finding, severity, alsoSeen: felt.map(seenBy) };
  });
}

/** What makes others fail is as bad as that. */
function isProblem({ severity }: Found): boolean {
  return severity === 'problem';
}

function seenBy({ host, evidence }: Found): HostFinding['alsoSeen'][number] {
  return { host, evidence };
}

/** The cause of the cause, and so on; two that explain each other both stand for themselves. */
function rootOf(start: Found, found: readonly Found[], targetOf: TargetOf): Found {
  const passed = new Set<Found>([start]);
  let root = start;
  for (;;) {
    const cause = causeOf(root, found, targetOf);
    if (!cause) return root;
    if (passed.has(cause)) return start;
    passed.add(cause);
    root = cause;
  }
}

function causeOf(each: Found, found: readonly Found[], targetOf: TargetOf): Found | undefined {
  const { towards, host } = each;
  if (!towards) return undefined;
  const target = targetOf(towards, host);
  const { beyond } = towards;
  const further = beyond === undefined ? undefined : targetOf({ ...towards, host: beyond }, host);
  const others = found.filter((other) => other !== each);
  return (
    others.find(({ check, host: dead }) => {
      return check === 'host.reachable' && [host, target, further].includes(dead);
    }) ??
    others.find((other) => breaksWay(other, { ...towards, from: host, target })) ??
    (each.isTried ? undefined : others.find((other) => isTrialOf(other, towards, host, targetOf)))
  );
}

function breaksWay(
  { breaks, host }: Found,
  way: PathEnd & { readonly from: string; readonly target: string | undefined },
): boolean {
  if (!breaks?.kinds.includes(way.kind)) return false;
  if ((breaks.part ?? way.part) !== way.part) return false;
  if (breaks.ends === 'from') return host === way.from && (breaks.at ?? way.host) === way.host;
  return host === way.target && (breaks.only ?? way.from) === way.from;
}

function isTrialOf(
  { isTried, towards, host }: Found,
  way: PathEnd,
  from: string,
  targetOf: TargetOf,
): boolean {
  if (isTried !== true || host !== from || towards?.kind !== way.kind) return false;
  const [there, wanted] = [targetOf(towards, from), targetOf(way, from)];
  return there === undefined || wanted === undefined || there === wanted;
}
