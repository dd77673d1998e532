import { Refused, type Resource, sh } from '../../engine/sdk.ts';

/** The disk under a cache, in MB. */
interface Room {
  readonly total: number;
  readonly free: number;
  /** Whether a cache is there already, which takes part of the disk. */
  readonly isCache: boolean;
}

/** The disk can hold the cache; a cache that outgrows its disk stops squid. */
export function cacheRoom(folder: string, size: number): Resource<Room> {
  return {
    id: `room for ${folder}`,
    probe: [
      sh`folder=${folder}`,
      `while [ ! -d "$folder" ]; do folder=\${folder%/*}; folder=\${folder:-/}; done`,
      'df -Pk -- "$folder" | tail -n 1',
      sh`if [ -e ${`${folder}/swap.state`} ]; then echo cache; fi`,
    ].join('\n'),
    parse(output) {
      const [, total = '0', , free = '0'] = output.split('\n')[0]?.trim().split(/\s+/) ?? [];
      const mb = (blocks: string): number => Math.floor(Number(blocks) / 1024);
      return { total: mb(total), free: mb(free), isCache: /^cache$/m.test(output) };
    },
    change({ total }) {
      if (size <= total * 0.95) return undefined;
      throw new Refused(
        `a cache of ${size} MB does not fit on the disk of ${folder}, which has ${total} MB`,
        `cache_size: ${Math.floor(total * 0.8)} would fit; or put the cache on a larger disk with cache_folder`,
      );
    },
    warnings({ free, isCache }) {
      if (isCache || size <= free) return [];
      return [
        {
          message: `the disk of ${folder} has ${free} MB free; the cache may grow to ${size} MB`,
          hint: 'lower cache_size, or make room before the cache is full',
        },
      ];
    },
  };
}
