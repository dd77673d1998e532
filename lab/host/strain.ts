import type { Finding, HostQuery } from '../../engine/sdk.ts';
import { IN_CONTAINER } from './container.ts';

/** Shell that prints memory, load and processors, for `readStrain`; also of the capacity of workers. */
export const STRAIN = [
  `if ${IN_CONTAINER}; then echo container; fi`,
  "sed -n 's/^\\(MemTotal\\|MemAvailable\\): *\\([0-9]*\\) kB$/\\1 \\2/p' /proc/meminfo",
  "sed -n 's/^oom_kill /killed /p' /proc/vmstat",
  'read -r one five fifteen rest < /proc/loadavg',
  'echo "load $one $five $fifteen"',
  'echo "processors $(nproc 2>/dev/null || grep -c \'^processor\' /proc/cpuinfo)"',
].join('\n');

/** How busy a host is. */
export interface Strain {
  readonly isContainer: boolean;
  /** KiB. */
  readonly memory: number;
  readonly available: number;
  /** Processes that the kernel has killed since boot for lack of memory. */
  readonly killed: number;
  /** Averages of 1, 5 and 15 minutes. */
  readonly load: readonly [one: number, five: number, fifteen: number];
  /** 0 when it is not known. */
  readonly processors: number;
}

/** Reads what `STRAIN` printed. */
export function readStrain(output: string): Strain {
  const numbers = (word: string): readonly number[] =>
    (new RegExp(`^${word} (.*)$`, 'm').exec(output)?.[1] ?? '').split(' ').map(Number);
  const [one = 0, five = 0, fifteen = 0] = numbers('load');
  return {
    isContainer: /^container$/m.test(output),
    memory: numbers('MemTotal')[0] ?? 0,
    available: numbers('MemAvailable')[0] ?? 0,
    killed: numbers('killed')[0] ?? 0,
    load: [one, five, fifteen],
    processors: numbers('processors')[0] || 0,
  };
}

export const memory: HostQuery = {
  id: 'host.memory',
  probe: STRAIN,
  judge(output) {
    const { memory: total, available, killed, isContainer } = readStrain(output);
    const found: Finding[] = [];
    if (total > 0 && available / total < 0.05) {
      found.push({
        severity: available / total < 0.02 ? 'problem' : 'warning',
        what: 'this host is nearly out of memory',
        evidence: `MemAvailable ${mib(available)} of ${mib(total)}`,
        fix: 'see what uses it: ps -eo rss,args --sort=-rss | head; run fewer jobs at a time, or add memory',
        subject: 'memory',
      });
    }
    if (killed > 0 && !isContainer) {
      found.push({
        severity: 'warning',
        what: `the kernel has killed ${killed} ${killed === 1 ? 'process' : 'processes'} since boot, because memory ran out`,
        evidence: `oom_kill ${killed} in /proc/vmstat`,
        fix: 'see which: journalctl -k -b --grep "Out of memory"; run fewer jobs at a time, or add memory',
        subject: 'memory',
      });
    }
    return found;
  },
  figures(output) {
    const { available, load, processors } = readStrain(output);
    return [
      { name: 'memory_available_bytes', value: available * 1024 },
      { name: 'load15', value: load[2] },
      { name: 'processors', value: processors },
    ];
  },
};

/** More than two processes for each processor over a quarter of an hour: jobs wait for each other. */
export const load: HostQuery = {
  id: 'host.load',
  probe: STRAIN,
  judge(output) {
    const { load: averages, processors, isContainer } = readStrain(output);
    const [, , fifteen] = averages;
    if (isContainer || processors === 0 || fifteen <= 2 * processors) return [];
    return [
      {
        severity: 'warning',
        what: 'this host has been overloaded for a quarter of an hour',
        evidence: `load average ${averages.join(' ')} on ${processors} ${processors === 1 ? 'processor' : 'processors'}`,
        fix: 'see what runs: ps -eo pcpu,stat,args --sort=-pcpu | head; move boards to another worker',
        subject: 'load',
      },
    ];
  },
};

function mib(kib: number): string {
  return `${Math.round(kib / 1024)} MiB`;
}
