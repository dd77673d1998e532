import { freshLists, Refused, type Resource } from '../../engine/sdk.ts';
import { lavaPackages } from '../../lab/packages/install.ts';
import { lavaSource } from '../../lab/packages/lava_source.ts';
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
export interface DispatcherNeeds {
  readonly own: Programs;
  /** The master, if it could be asked. */
  readonly master: { readonly name: string; readonly programs: Programs } | undefined;
  readonly jobs: readonly string[];
  readonly source: LavaSource | undefined;
  /** The LAVA of the lab, where the inventory says it. */
  readonly version: string | undefined;
}

const NAME = 'lava-dispatcher';

/**
 * The dispatcher in the version of the master, which turns away workers of any other.
 *
 * While jobs run its programs stay as they are. A first installation has none.
 */
export function dispatcherPackage({ own, master, jobs, source, version }: DispatcherNeeds): Part {
  const wanted = master && versionOf(master.programs, version);
  const isRight = own.isInstalled && (wanted === undefined || own.version === wanted);
  const from = lavaSource({
    ...{ source, version, programs: own, name: NAME },
    toInstall: isRight ? 'no' : 'yes',
  });
  if (from.lacks !== undefined) return from;
  const withPackage = (resource: Resource): Part => ({ resources: [...from.resources, resource] });
  if (wanted === undefined || own.version === wanted) {
    return withPackage(lavaPackages([NAME]));
  }
  const match = offeredAs(wanted, own);
  if (match === undefined) return notOffered(own, master?.name ?? '', wanted);
  const resource = lavaPackages(inVersion(NAME, match, own));
  return withPackage(own.isInstalled ? unlessAtWork(resource, jobs) : resource);
}

function notOffered(own: Programs, master: string, wanted: string): Part {
  if (!own.isFresh) {
    return { resources: [freshLists], lacks: 'apt has not updated its package lists today' };
  }
  const here = own.version === undefined ? '' : `has ${own.version} and `;
  const offers = [...new Set(own.offered.map(upstreamOf))].join(', ') || 'none';
  throw new Refused(
    `${master} runs LAVA ${wanted} and rejects workers of other versions; this host ${here}is offered ${offers} by apt`,
    `give this host the package sources of ${master}, or bring ${master} to a version that is available to both`,
  );
}
