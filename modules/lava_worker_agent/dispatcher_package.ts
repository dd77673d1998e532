import { freshLists, Refused, type Resource } from '../../engine/sdk.ts';
import { lavaPackages } from '../../lab/packages/install.ts';
import { lavaSource } from '../../lab/packages/lava_source.ts';
import {
  areApart,
  type Choice,
  fits,
  inWords,
  masterOutlook,
  type Outlook,
  ofRelease,
} from '../../lab/packages/outlook.ts';
import {
  inVersion,
  offeredAs,
  type Programs,
  upstreamOf,
  versionOf,
} from '../../lab/packages/programs.ts';
import type { LavaSource } from '../../lab/packages/schema.ts';
import { unlessAtWork } from '../../lab/worker/running_jobs.ts';
import type { Part } from './part.ts';

/** What decides about the package. */
export interface DispatcherNeeds extends Choice {
  readonly own: Programs;
  /** The master, if it could be asked, and what the inventory says of it. */
  readonly master:
    | { readonly name: string; readonly programs: Programs; readonly choice: Choice }
    | undefined;
  readonly jobs: readonly string[];
}

const NAME = 'lava-dispatcher';

/**
 * The dispatcher in the version of the master, which turns away workers of any other.
 *
 * While jobs run its programs stay as they are. A first installation has none.
 */
export function dispatcherPackage({ own, master, jobs, source, version }: DispatcherNeeds): Part {
  const there = master && masterOutlook(master.programs, master.choice);
  if (master && there) refuseByRelease(own, source, { ...master, outlook: there });
  const wanted = master && versionOf(master.programs, version);
  const isRight = own.isInstalled && (wanted === undefined || own.version === wanted);
  const from = lavaSource({
    ...{ source, version, programs: own, name: NAME },
    toInstall: isRight ? 'no' : 'yes',
  });
  if (from.lacks !== undefined) return from;
  if (master && there && !canHave(there, own)) {
    return notOffered(own, { ...master, outlook: there });
  }
  const withPackage = (resource: Resource): Part => ({ resources: [...from.resources, resource] });
  if (wanted === undefined || own.version === wanted) {
    return withPackage(lavaPackages([NAME]));
  }
  const match = offeredAs(wanted, own);
  if (match === undefined) {
    return {
      resources: from.resources,
      lacks: `which LAVA ${master?.name ?? ''} gets is known when apt has read its lists there`,
    };
  }
  const resource = lavaPackages(inVersion(NAME, match, own));
  return withPackage(own.isInstalled ? unlessAtWork(resource, jobs) : resource);
}

/** A master, and the LAVA that it has or gets. */
interface Master {
  readonly name: string;
  readonly programs: Programs;
  readonly outlook: Outlook;
}

function canHave(there: Outlook, { version, offered }: Programs): boolean {
  return [...(version === undefined ? [] : [version]), ...offered].some((each) =>
    fits(upstreamOf(each), there),
  );
}

/** Told by the Debian of both hosts, so before a step is made on either. */
function refuseByRelease(own: Programs, source: LavaSource | undefined, master: Master): void {
  const here = ofRelease(own, source);
  if (!here || !areApart(master.outlook, here) || canHave(master.outlook, own)) return;
  throw apart(own, master, `would get ${inWords(here)}`);
}

function notOffered(own: Programs, master: Master): Part {
  if (!own.isFresh) {
    return { resources: [freshLists], lacks: 'apt has not updated its package lists today' };
  }
  const offered = new Map(own.offered.map((each) => [upstreamOf(each), own.places.get(each)]));
  const offers = [...offered].map(([each, place]) => (place ? `${each} (${place})` : each));
  throw apart(own, master, `is offered ${offers.join(', ') || 'none'} by apt`);
}

function apart(own: Programs, { name, programs, outlook }: Master, here: string): Refused {
  const verb = programs.version === outlook.version ? 'runs' : 'gets';
  const has = own.version === undefined ? '' : `has ${own.version} and `;
  return new Refused(
    `${name} ${verb} LAVA ${inWords(outlook)} and rejects workers of other versions; this host ${has}${here}`,
    "install the master's Debian release on this host, or set lava.source and lava.version so that both get the same LAVA",
  );
}
