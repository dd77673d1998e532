import type { Fields } from '../values/values.ts';
import type { Sections } from './host_facts_probe.ts';

/** Memory and swap, in MB. */
export function memoryOf(sections: Sections): Fields {
  const known = new Map(
    (sections.get('meminfo') ?? []).map((line) => {
      const [, key = '', value = '0'] = /^(\w+):\s+(\d+)/.exec(line) ?? [];
      return [key, Math.floor(Number(value) / 1024)];
    }),
  );
  const mb = (key: string): number => known.get(key) ?? 0;
  const [total, free, swap, swapFree] = ['MemTotal', 'MemFree', 'SwapTotal', 'SwapFree'].map(mb);
  return {
    ...{ memtotal_mb: total, memfree_mb: free, swaptotal_mb: swap, swapfree_mb: swapFree },
  };
}

/** Processors: `vcpus` is all that the kernel sees, `nproc` what this host may use. */
export function processorsOf(sections: Sections): Fields {
  const lines = (sections.get('cpu') ?? []).map((line) => line.split(':').map((it) => it.trim()));
  const values = (key: string): readonly string[] =>
    lines.flatMap(([name, value = '']) => (name === key ? [value] : []));
  const all = Math.max(values('processor').length, 1);
  const sockets = new Set(values('physical id')).size || all;
  const cores = Number(values('cpu cores')[0] ?? 1);
  const threads = Math.max(1, Math.floor(Number(values('siblings')[0] ?? cores) / cores));
  return {
    processor_count: sockets,
    processor_cores: cores,
    processor_threads_per_core: threads,
    processor_vcpus: all,
    processor_nproc: Number(sections.get('nproc')?.[0] ?? all),
  };
}

/** File systems of devices and of other hosts; sizes, in bytes, of those on block devices of this host alone. */
export function mountsOf(sections: Sections): readonly Fields[] {
  const sizes = new Map(
    (sections.get('sizes') ?? []).map((line) => {
      const [place = '', ...numbers] = line.trim().split(/\s+/);
      return [place, numbers.map(Number)];
    }),
  );
  return (sections.get('mounts') ?? []).flatMap((line) => {
    const [device = '', mount = '', fstype = '', options = ''] = line.split(' ').map(unescaped);
    if (!device.startsWith('/') && !device.includes(':/')) return [];
    const [total, available, inodes, freeInodes] = sizes.get(mount) ?? [];
    return [
      {
        ...{ mount, device, fstype, options },
        ...(total !== undefined && { size_total: total, size_available: available }),
        ...(inodes !== undefined && { inode_total: inodes, inode_available: freeInodes }),
      },
    ];
  });
}

/** Block devices by name. */
export function devicesOf(sections: Sections): Fields {
  const lines = sections.get('devices') ?? [];
  const devices: Record<string, Fields> = {};
  for (let i = 0; i + 7 < lines.length; i += 8) {
    const [name = '', size = '', removable = '', rotational = '', ...more] = lines.slice(i, i + 8);
    const [, block = '', model = '', vendor = ''] = more;
    devices[name] = {
      ...{ removable, rotational, sectors: size, sectorsize: block },
      size: shownSize(Number(size) * 512),
      model: model.trim() || null,
      vendor: vendor.trim() || null,
    };
  }
  return devices;
}

/** As Ansible shows it: `10.00 GB`, in powers of 1024. */
function shownSize(bytes: number): string {
  const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power]}`;
}

/** A word of /proc/self/mounts, which has `\\040` for a blank. */
function unescaped(word: string): string {
  return word.replace(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
