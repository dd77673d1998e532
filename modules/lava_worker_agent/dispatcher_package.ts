import { freshLists, pkg, Refused } from '../../engine/sdk.ts';
import { unlessAtWork } from '../../lab/worker/running_jobs.ts';
import { type Programs, upstreamOf, versionOf } from './lava_versions.ts';
import type { Part } from './part.ts';

/** What decides about the package. */
export interface DispatcherNeeds {
  readonly own: Programs;
  /** The master, if it could be asked. */
  readonly master: { readonly name: string; readonly programs: Programs } | undefined;
  readonly jobs: readonly string[];
}

const NAME = 'lava-dispatcher';

/** Packages that it wants of exactly its own version; apt takes another than the newest only when it is named. */
const COMPANIONS = ['lava-common', 'lava-dispatcher-host'];

/**
 * The dispatcher in the version of the master, which turns away workers of any other.
 *
 * While jobs run its programs stay as they are. A first installation has none.
 */
export function dispatcherPackage({ own, master, jobs }: DispatcherNeeds): Part {
  const wanted = master && versionOf(master.programs);
  if (wanted === undefined || own.version === wanted) {
    return { resources: [pkg({ name: NAME })] };
  }
  const match = own.offered.find((version) => upstreamOf(version) === wanted);
  if (match === undefined) return notOffered(own, master?.name ?? '', wanted);
  const others = match === own.offered[0] ? [] : COMPANIONS;
  const names = [NAME, ...others].map((name) => `${name}=${match}`);
  const resource = pkg({ names });
  return { resources: [own.isInstalled ? unlessAtWork(resource, jobs) : resource] };
}

function notOffered(own: Programs, master: string, wanted: string): Part {
  if (!own.isFresh) {
    return { resources: [freshLists], lacks: 'apt has not read its lists of packages today' };
  }
  const here = own.version === undefined ? '' : `has ${own.version} and `;
  const offers = [...new Set(own.offered.map(upstreamOf))].join(', ') || 'none';
  throw new Refused(
    `${master} runs LAVA ${wanted} and rejects workers of other versions; this host ${here}is offered ${offers} by apt`,
    `give this host the package sources of ${master}, or bring ${master} to a version that is available to both`,
  );
}
