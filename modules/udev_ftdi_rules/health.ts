import type { Finding, HealthQuery } from '../../engine/sdk.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { keepsJobsFrom } from '../../lab/worker/jobs.ts';
import { type AdapterKey, describeKey } from './adapter_key.ts';
import { type Adapter, isMeant, type Ports, parsePorts, portsProbe } from './adapters.ts';
import { LINKS, RULES_FILE } from './rules_text.ts';

/** Whether each board's adapter is plugged in where it belongs, and its link leads to it and to nothing else. */
export function adaptersHealth(
  keys: readonly AdapterKey[],
  host: string,
  mayBeAway: ReadonlySet<string>,
): readonly HealthQuery[] {
  if (keys.length === 0) return [];
  const links = keys.map(({ board }) => board);
  return [
    {
      id: 'udev_ftdi_rules.adapter',
      of: 'workers',
      probe: portsProbe,
      judge: (outputs) => judgeAdapters(outputs, keys, { host, mayBeAway }),
    },
    {
      id: 'udev_ftdi_rules.link',
      probe: portsProbe,
      judge: (output) => judgeLinks(parsePorts(output), keys),
      things: (output) => adapterThings(parsePorts(output), keys, mayBeAway),
    },
    { id: 'udev_ftdi_rules.rivals', probe: RULES, judge: (output) => judgeRules(output, links) },
  ];
}

/** Adapters that are missing, or plugged in at another worker, or one of several that answer to the same key. */
function judgeAdapters(
  outputs: Readonly<Record<string, string>>,
  keys: readonly AdapterKey[],
  { host, mayBeAway }: { readonly host: string; readonly mayBeAway: ReadonlySet<string> },
): readonly Finding[] {
  const own = outputs[host];
  if (own === undefined) return [];
  const here = parsePorts(own).adapters;
  const elsewhere = Object.entries(outputs)
    .filter(([other]) => other !== host)
    .map(([other, output]) => [other, parsePorts(output).adapters] as const);
  return keys.flatMap((key): readonly Finding[] => {
    const { board } = key;
    const found = here.filter((adapter) => isMeant(adapter, key));
    const twins = elsewhere.flatMap(([other, adapters]) =>
      adapters.filter((adapter) => isMeant(adapter, key)).map((adapter) => ({ other, adapter })),
    );
    const [twin] = isByPath(key) ? [] : twins;
    const subject = `board ${board}`;
    if (found.length === 0 && !twin && mayBeAway.has(board)) return [];
    if (found.length === 0) {
      return [
        {
          severity: 'problem',
          what: twin
            ? `the adapter of the board ${board} is plugged in at ${twin.other}`
            : `the adapter of the board ${board} is not plugged in, or has no power`,
          evidence: twin
            ? `${twin.other}: ${twin.adapter.node}, ${describeKey(key)}`
            : `no serial port with ${describeKey(key)}`,
          fix: twin
            ? `plug it in at ${host}, or move the board to ${twin.other} in the inventory; lava-play apply`
            : 'look at its cable, and at the power supply of its hub; if the board powers it: serial.board_powered: true in the inventory',
          subject,
          breaks: keepsJobsFrom(board),
        },
      ];
    }
    if (found.length > 1) {
      return [
        {
          severity: 'problem',
          what: `several serial ports match the board ${board}, and the last one plugged in gets its link`,
          evidence: `${found.map(describe).join(', ')}: ${describeKey(key)}`,
          fix: 'tell them apart in the inventory: usb_path instead of usb_serial, or usb_interface',
          subject,
        },
      ];
    }
    if (!twin) return [];
    return [
      {
        severity: 'warning',
        what: `another worker has an adapter with the serial number of the board ${board}: if both end up on one worker, the wrong board answers`,
        evidence: `${twin.other}: ${twin.adapter.node}, ${describeKey(key)}`,
        fix: 'identify it by usb_path instead of usb_serial, or give one of them another number: ftdi_eeprom',
        subject,
      },
    ];
  });
}

function adapterThings(
  { adapters }: Ports,
  keys: readonly AdapterKey[],
  mayBeAway: ReadonlySet<string>,
): readonly Thing[] {
  return keys.map((key): Thing => {
    const found = adapters.filter((adapter) => isMeant(adapter, key));
    const [adapter] = found;
    const [, port] = /.*\/(\d+-[\d.]+)\//.exec(adapter?.place ?? '') ?? [];
    const serial =
      adapter?.properties.get('ID_SERIAL_SHORT') ?? new Map(key.properties).get('ID_SERIAL_SHORT');
    return {
      kind: 'adapter',
      name: key.board,
      ...(!adapter && mayBeAway.has(key.board)
        ? { state: 'off with its board', status: 'off' as const }
        : {
            state: found.length > 1 ? 'twice' : adapter ? 'plugged in' : 'missing',
            status: found.length === 1 ? ('good' as const) : ('bad' as const),
          }),
      details: {
        ...(serial !== undefined && { serial }),
        ...(port !== undefined && { port }),
        ...(adapter && { device: adapter.node.replace('/dev/', '') }),
      },
    };
  });
}

/** Links of boards whose one adapter is plugged in. */
function judgeLinks({ adapters, links }: Ports, keys: readonly AdapterKey[]): readonly Finding[] {
  return keys.flatMap((key): readonly Finding[] => {
    const { board } = key;
    const [adapter, ...more] = adapters.filter((each) => isMeant(each, key));
    if (!adapter || more.length > 0) return [];
    const link = links.get(board);
    if (link?.node === adapter.node) return [];
    return [
      {
        severity: 'problem',
        what: link
          ? `the name of the board ${board} points to a different adapter`
          : `the adapter of the board ${board} is there, but has no name`,
        evidence: link
          ? `${LINKS}/${board} -> ${link.node}; ${describeKey(key)} is ${adapter.node}`
          : `${adapter.node} (${describeKey(key)}), no ${LINKS}/${board}`,
        fix: `lava-play apply; or trigger udev again: udevadm trigger --action=change ${adapter.node}`,
        subject: `board ${board}`,
        breaks: keepsJobsFrom(board),
      },
    ];
  });
}

/** Rules of others that give a name of ours, or take all names away. */
const RULES = [
  'for file in /etc/udev/rules.d/*.rules /run/udev/rules.d/*.rules; do',
  `  [ -f "$file" ] && [ "$file" != ${RULES_FILE} ] || continue`,
  `  grep -n 'SYMLINK *+*=' "$file" | sed "s|^|$file:|"`,
  'done',
  ':',
].join('\n');

function judgeRules(output: string, boards: readonly string[]): readonly Finding[] {
  return output.split('\n').flatMap((line): readonly Finding[] => {
    const [, rule = ''] = /^\/[^:]+:\d+:(.*)$/.exec(line) ?? [];
    if (rule === '' || rule.trim().startsWith('#')) return [];
    const names = [...rule.matchAll(/SYMLINK *\+?= *"([^"]*)"/g)].flatMap(([, list = '']) =>
      list.split(/\s+/),
    );
    const board = boards.find((each) => names.includes(`lava/${each}`));
    const wipes = /SYMLINK *= *"/.test(rule) && /tty/.test(rule);
    if (board === undefined && !wipes) return [];
    return [
      {
        severity: 'warning',
        what:
          board === undefined
            ? 'a udev rule not written by lava-play removes the names of serial ports that other rules set'
            : `a udev rule not written by lava-play also sets the name of the board ${board}`,
        evidence: line,
        fix:
          board === undefined
            ? 'write SYMLINK+= instead of SYMLINK= there; udevadm control --reload'
            : 'remove it; udevadm control --reload',
        subject: board === undefined ? `rule ${line.split(':', 2).join(':')}` : `board ${board}`,
      },
    ];
  });
}

/** The same place in another machine's USB tree says nothing. */
function isByPath({ properties }: AdapterKey): boolean {
  return !properties.some(([name]) => name === 'ID_SERIAL_SHORT');
}

function describe({ node, properties }: Adapter): string {
  return `${node} (${properties.get('ID_PATH') ?? 'no path'})`;
}
