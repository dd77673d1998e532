import type { HostView, Warning } from '../../engine/sdk.ts';
import { isOlder, type Programs, upstreamOf } from './programs.ts';
import type { LavaSource } from './schema.ts';

/** The LAVA that a host will have, as far as it can be told before anything is changed. */
export interface Outlook {
  readonly version: string;
  /** Backports follow LAVA's releases, so of them only the oldest is known. */
  readonly bound: 'exactly' | 'at least';
  /** In words: `from Debian 12 (bookworm)`. */
  readonly from: string;
}

/** What the inventory says of LAVA's packages on a host. */
export interface Choice {
  readonly source: LavaSource | undefined;
  readonly version: string | undefined;
}

/** LAVA in Debian's archive (packages.debian.org, November 2026); what is missing here is told later, when apt has read its lists. */
const DEBIAN: ReadonlyMap<
  string,
  { readonly release: string; readonly own?: string; readonly backports?: string }
> = new Map([
  ['bookworm', { release: 'Debian 12 (bookworm)', own: '2023.01' }],
  ['trixie', { release: 'Debian 13 (trixie)', backports: '2026.04' }],
]);

/** The LAVA of a master: what it has, else what it would get; a wanted newer one counts as there. */
export function masterOutlook(
  programs: Programs,
  { source, version }: Choice,
): Outlook | undefined {
  const { version: has, offered, isFresh, hasRead, places } = programs;
  if (version !== undefined && (has === undefined || isOlder(has, version))) {
    return { version: upstreamOf(version), bound: 'exactly', from: 'by lava.version' };
  }
  if (has !== undefined) return { version: has, bound: 'exactly', from: '' };
  const [newest] = offered;
  if (newest === undefined || !isFresh) return ofRelease(programs, source);
  if (source !== undefined && !hasRead) return ofRelease(programs, source);
  const place = places.get(newest);
  return {
    version: upstreamOf(newest),
    bound: 'exactly',
    from: place === undefined ? '' : `from ${place}`,
  };
}

/** What a host's own Debian has, where apt has not read yet what its sources have. */
export function ofRelease(programs: Programs, source: LavaSource | undefined): Outlook | undefined {
  const { codename = '', isFresh, sources, offered } = programs;
  const debian = DEBIAN.get(codename);
  if (!debian) return undefined;
  const { release, own, backports } = debian;
  const isPlain = isFresh ? offered.length === 0 : sources.every((each) => isOf(codename, each));
  if (source === 'debian' || (source === undefined && own !== undefined && isPlain && !isFresh)) {
    return own === undefined
      ? undefined
      : { version: own, bound: 'exactly', from: `from ${release}` };
  }
  if (source === 'backports' || (source === undefined && own === undefined && isPlain)) {
    return backports === undefined
      ? undefined
      : { version: backports, bound: 'at least', from: `from the backports of ${release}` };
  }
  return undefined;
}

/** That the LAVA of a host is of the Debian that it had before it was brought to the present one, which has none so old. */
export function leftBehind({ version, codename = '' }: Programs): readonly Warning[] {
  const debian = DEBIAN.get(codename);
  if (version === undefined || debian?.backports === undefined || debian.own !== undefined)
    return [];
  if (!isOlder(version, debian.backports)) return [];
  return [
    {
      message: `LAVA ${version} is left from an older Debian, and may fail with the Python and Django of ${debian.release}, whose backports have ${debian.backports} or newer`,
      hint: "set lava.source: backports and lava.version, such as '2026.10', and apply; LAVA's tables are then migrated, so make a backup of the database first",
    },
  ];
}

/** Whether a LAVA may be the one that is meant. */
export function fits(version: string, outlook: Outlook): boolean {
  return outlook.bound === 'exactly'
    ? version === outlook.version
    : !isOlder(version, outlook.version);
}

/** Whether two hosts cannot have the same LAVA. */
export function areApart(one: Outlook, other: Outlook): boolean {
  const [a, b] = one.bound === 'exactly' ? [one, other] : [other, one];
  if (a.bound === 'at least') return false;
  return !fits(a.version, b);
}

/** `2026.04 or newer from the backports of Debian 13 (trixie)`. */
export function inWords({ version, bound, from }: Outlook): string {
  return [
    version,
    ...(bound === 'at least' ? ['or newer'] : []),
    ...(from === '' ? [] : [from]),
  ].join(' ');
}

/** What the inventory says for one host, which need not be the same for all. */
export function choiceFor(host: HostView | undefined): Choice {
  const { source, version } = (host?.vars.lava ?? {}) as Partial<Choice>;
  return { source, version };
}

/** A mirror of Debian's archive, and a suite of that release in it. */
function isOf(codename: string, source: string): boolean {
  const [, suite] = /\/debian(?:-security)?\/dists\/([^/]+)$/.exec(source) ?? [];
  return suite === codename || suite?.startsWith(`${codename}-`) === true;
}
