import { field } from '../../engine/extend.ts';
import { type Finding, type LabQuery, type LabView, quote } from '../../engine/sdk.ts';

/** Seconds for all names together: a dead name server costs 5 s for each try (resolv.conf(5)). */
const PATIENCE = 8;

/** The names by which hosts are to find database and master, resolved on every host; nothing where all are addresses. */
export function names({ hosts, groups }: LabView): readonly LabQuery[] {
  const askers = [...(groups.master ?? []), ...(groups.workers ?? [])];
  const used = new Map(askers.map((asker) => [asker, namesFor(hosts[asker]?.vars.lava)]));
  const all = new Set([...used.values()].flat());
  if (all.size === 0) return [];
  const list = [...all].map(quote).join(' ');
  return [
    {
      id: 'lab.names',
      of: 'all',
      probe: [
        'command -v getent >/dev/null || exit 0',
        `timeout -k 1 ${PATIENCE} sh -c 'for name; do echo "name $name"; getent ahosts "$name" | while read -r address rest; do echo "$address"; done; done' sh ${list}`,
        'echo end',
      ].join('\n'),
      judge: (outputs) => judgeNames(outputs, used),
    },
  ];
}

function namesFor(lava: unknown): readonly string[] {
  return [
    field(lava, 'master'),
    field(field(lava, 'db'), 'server'),
    hostOf(field(lava, 'master_url')),
    hostOf(field(field(lava, 'heartbeat'), 'rpc2_url')),
    hostOf(field(lava, 'proxy')),
  ].filter((each) => typeof each === 'string' && isName(each)) as readonly string[];
}

function judgeNames(
  outputs: Readonly<Record<string, string>>,
  used: ReadonlyMap<string, readonly string[]>,
): readonly Finding[] {
  const seen = new Map<string, { readonly host: string; readonly addresses: readonly string[] }>();
  return Object.entries(outputs).flatMap(([host, output]) =>
    output
      .replace(/^end$/m, '')
      .split(/^name /m)
      .slice(1)
      .flatMap((block): readonly Finding[] => {
        const [name = '', ...lines] = block.trim().split('\n');
        if (!used.get(host)?.includes(name)) return [];
        const addresses = [...new Set(lines)];
        const common = { host, subject: `name ${name}`, severity: 'problem' } as const;
        if (addresses.length === 0) {
          return [
            {
              ...common,
              what: `this host cannot resolve ${name}, which it has to reach`,
              evidence: `getent ahosts ${name}: nothing`,
              fix: `add ${name} to /etc/hosts, fix its name server, or use an address in the inventory`,
            },
          ];
        }
        const other = seen.get(name);
        if (!other) {
          const isOwn = addresses.every((address) => /^(127\.|::1$)/.test(address));
          if (!isOwn) seen.set(name, { host, addresses });
          return [];
        }
        const agree = addresses.some(
          (address) => other.addresses.includes(address) || /^(127\.|::1$)/.test(address),
        );
        if (agree) return [];
        return [
          {
            ...common,
            severity: 'warning',
            what: `this host resolves ${name} to another machine than ${other.host} does`,
            evidence: `${addresses.join(', ')}; on ${other.host} ${other.addresses.join(', ')}`,
            fix: 'make /etc/hosts or the name servers of both agree',
          },
        ];
      }),
  );
}

function hostOf(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  return /^https?:\/\/(?:[^@/]*@)?([\w.-]+)(?::\d+)?(?:\/|$)/.exec(url)?.[1];
}

function isName(text: string): boolean {
  return /[a-z]/i.test(text) && /^[\w.-]+$/.test(text) && text !== 'localhost';
}
