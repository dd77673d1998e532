import { isRefused } from '../../engine/sdk.ts';
import type { Board } from '../../lab/serial/board.ts';
import { type AdapterKey, adapterKeys } from './adapter_key.ts';
import { type Adapter, deviceOf, isMeant } from './adapters.ts';

/** A process that has a port open. */
export interface Holder {
  readonly pid: number;
  readonly program: string;
}

/** A serial port on USB as a person sees it. */
export interface Found {
  /** `/dev/ttyUSB0`. */
  readonly node: string;
  readonly vendor?: string;
  readonly product?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly path?: string;
  readonly interface?: number;
  readonly driver?: string;
  /** Boards of the inventory that mean this port; more than one is a mistake of the inventory. */
  readonly boards: readonly string[];
  readonly holders: readonly Holder[];
  /** The USB device, which an adapter with several ports is one of. */
  readonly device: string;
}

/** Ports in the order of their numbers, with the boards that they belong to and who has them open. */
export function foundPorts(
  adapters: readonly Adapter[],
  keys: readonly AdapterKey[],
  holders: ReadonlyMap<string, readonly Holder[]>,
): readonly Found[] {
  return adapters
    .map((adapter) => ({
      ...described(adapter),
      boards: keys.filter((key) => isMeant(adapter, key)).map(({ board }) => board),
      holders: holders.get(adapter.node) ?? [],
      device: deviceOf(adapter),
    }))
    .toSorted((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }));
}

/** By what the boards' adapters are known, board by board: one that is described wrongly hides no other. */
export function boardKeys(boards: readonly Board[]): {
  readonly keys: readonly AdapterKey[];
  readonly mistakes: readonly string[];
} {
  const keys: AdapterKey[] = [];
  const mistakes: string[] = [];
  for (const board of boards) {
    try {
      keys.push(...adapterKeys([board]));
    } catch (error) {
      if (!isRefused(error)) throw error;
      mistakes.push(error.message);
    }
  }
  return { keys, mistakes };
}

function described({ node, properties }: Adapter): Omit<Found, 'boards' | 'holders' | 'device'> {
  const texts = {
    vendor: properties.get('ID_VENDOR_ID'),
    product: properties.get('ID_MODEL_ID'),
    model: properties.get('ID_MODEL'),
    serial: properties.get('ID_SERIAL_SHORT'),
    path: properties.get('ID_PATH'),
    driver: properties.get('ID_USB_DRIVER'),
  };
  const number = Number.parseInt(properties.get('ID_USB_INTERFACE_NUM') ?? '', 16);
  const known = Object.entries(texts).filter(([, text]) => text !== undefined && text !== '');
  return {
    node,
    ...Object.fromEntries(known),
    ...(!Number.isNaN(number) && { interface: number }),
  };
}
