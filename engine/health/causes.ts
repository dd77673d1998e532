import type { Finding, HostFinding, PathEnd } from '../contract/finding.ts';
import type { LabView } from '../contract/module.ts';

/** A finding before it is known which others it explains. */
export interface Found extends Finding {
  readonly host: string;
  readonly check: string;
  /** The host has tried the path itself, and not only drawn conclusions. */
  readonly isTried?: true;
}

/** Tells each cause once, with all that follows from it and is not told by itself then. */
export function explained(found: readonly Found[], lab: LabView): readonly HostFinding[] {
  const followers = new Map<Found, HostFinding['alsoSeen'][number][]>();
  const told: Found[] = [];
  for (const each of found) {
    const root = rootOf(each, found, lab);
    if (root === each) told.push(each);
    else followers.set(root, [...(followers.get(root) ?? []), seenBy(each)]);
  }
  return told.map((each) => {
    const { towards: _, breaks: __, isTried: ___, ...finding } = each;
    return { ...finding, alsoSeen: followers.get(each) ?? [] };
  });
}

function seenBy({ host, evidence }: Found): HostFinding['alsoSeen'][number] {
  return { host, evidence };
}

/** The cause of the cause, and so on; two that explain each other both stand for themselves. */
function rootOf(start: Found, found: readonly Found[], lab: LabView): Found {
  const passed = new Set<Found>([start]);
  let root = start;
  for (;;) {
    const cause = causeOf(root, found, lab);
    if (!cause) return root;
    if (passed.has(cause)) return start;
    passed.add(cause);
    root = cause;
  }
}

function causeOf(each: Found, found: readonly Found[], lab: LabView): Found | undefined {
  const { towards, host } = each;
  if (!towards) return undefined;
  const target = targetOf(towards, host, lab);
  const others = found.filter((other) => other !== each);
  return (
    others.find(({ check, host: dead }) => {
      return check === 'host.reachable' && (dead === host || dead === target);
    }) ??
    others.find((other) => breaksWay(other, { ...towards, host, target })) ??
    (each.isTried ? undefined : others.find((other) => isTrialOf(other, towards, host)))
  );
}

function breaksWay(
  { breaks, host }: Found,
  way: PathEnd & { readonly target: string | undefined },
): boolean {
  if (!breaks?.kinds.includes(way.kind)) return false;
  if ((breaks.part ?? way.part) !== way.part) return false;
  if (breaks.ends === 'from') return host === way.host;
  return host === way.target && (breaks.only ?? way.host) === way.host;
}

function isTrialOf({ isTried, towards, host }: Found, way: PathEnd, from: string): boolean {
  return isTried === true && host === from && towards?.kind === way.kind;
}

function targetOf(
  { host: address }: PathEnd,
  from: string,
  { hosts }: LabView,
): string | undefined {
  if (/^(127\.|::1$|localhost$)/.test(address)) return from;
  return Object.values(hosts).find((host) => host.address === address || host.name === address)
    ?.name;
}
