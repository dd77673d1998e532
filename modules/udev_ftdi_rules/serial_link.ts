import { type Handler, Refused, type Resource } from '../../engine/sdk.ts';
import { type AdapterKey, describeKey } from './adapter_key.ts';
import {
  type Adapter,
  deviceOf,
  isMeant,
  type Link,
  type Ports,
  parsePorts,
  portsProbe,
} from './adapters.ts';
import { type Access, LINKS } from './rules_text.ts';

/** What the links of a host have in common. */
export interface Links extends Access {
  readonly keys: readonly AdapterKey[];
  readonly onChange: readonly Handler[];
}

/**
 * The link of a board, which leads to its adapter and to nothing else.
 *
 * An adapter that is not plugged in is nobody's mistake: udev makes the link when it comes.
 */
export function serialLink(key: AdapterKey, links: Links): Resource<Ports> {
  return {
    id: `link ${LINKS}/${key.board}`,
    probe: portsProbe,
    parse: parsePorts,
    change({ adapters, links: found }) {
      const adapter = onlyAdapter(adapters, key, links.keys);
      const before = describeLink(found.get(key.board));
      const after = adapter && describeLink({ node: adapter.node, ...links });
      return before === after
        ? undefined
        : {
            before: before ?? '',
            after: after ?? '',
            labels: [before ? 'link' : 'missing', after ? 'link' : 'no such adapter plugged in'],
            steps: [],
            onChange: links.onChange,
          };
    },
    warnings({ adapters }) {
      if (adapters.some((each) => isMeant(each, key))) return [];
      return [
        {
          message: `the adapter of the board ${key.board} (${describeKey(key)}) is not plugged in`,
          hint: 'its link appears when it is plugged in',
        },
      ];
    },
  };
}

function describeLink(link: Link | undefined): string | undefined {
  return link && `-> ${link.node} ${link.mode.padStart(4, '0')} ${link.group}\n`;
}

function onlyAdapter(
  adapters: readonly Adapter[],
  key: AdapterKey,
  keys: readonly AdapterKey[],
): Adapter | undefined {
  const [adapter, ...others] = adapters.filter((each) => isMeant(each, key));
  if (adapter && others.length > 0) throw severalPorts([adapter, ...others], key);
  const rival =
    adapter && keys.find((other) => other.board !== key.board && isMeant(adapter, other));
  if (adapter && rival) {
    throw new Refused(
      `${adapter.node} is the adapter of two boards, ${key.board} (${describeKey(key)}) and ${rival.board} (${describeKey(rival)})`,
    );
  }
  return adapter;
}

function severalPorts(ports: readonly Adapter[], key: AdapterKey): Refused {
  const devices = new Set(ports.map(deviceOf));
  const list = ports
    .map(({ node, properties }) => {
      const number = properties.get('ID_USB_INTERFACE_NUM') ?? '?';
      return `${node} (interface ${Number.parseInt(number, 16)}, ${properties.get('ID_PATH') ?? 'no path'})`;
    })
    .join(', ');
  return devices.size === 1
    ? new Refused(
        `the adapter of the board ${key.board} (${describeKey(key)}) has several ports: ${list}`,
        'select one with usb_interface, or with usb_path',
      )
    : new Refused(
        `${devices.size} adapters match the board ${key.board} (${describeKey(key)}): ${list}`,
        'tell them apart with usb_path instead of usb_serial',
      );
}
