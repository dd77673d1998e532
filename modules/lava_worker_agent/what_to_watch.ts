import type { HostView } from '../../engine/sdk.ts';
import type { Board } from '../../lab/serial/board.ts';
import { consolesOf, deviceOf } from '../../lab/serial/console.ts';
import type { HeartbeatConfiguration, WatchedBoard } from './heartbeat/configuration_text.ts';

/** What the inventory says a worker must have to be of use. */
export interface Equipment {
  readonly boards: readonly Board[];
  /** Where the master's folder is mounted. */
  readonly mount?: string;
  readonly disks: readonly { readonly path: string; readonly max_used_percent: number }[];
}

/**
 * What the heartbeat runtime looks at: the adapters and consoles of the boards, the master's folder, disks.
 *
 * A worker that is the master too has the folder itself, and nothing mounted.
 */
export function whatToWatch(
  { boards, mount, disks }: Equipment,
  { groups }: HostView,
): Pick<HeartbeatConfiguration, 'mounts' | 'boards' | 'disks'> {
  return {
    mounts: mount === undefined || groups.includes('master') ? [] : [mount],
    boards: boards.flatMap(watched),
    disks: disks.map(({ path, max_used_percent: maxUsedPercent }) => ({ path, maxUsedPercent })),
  };
}

/** Nothing of a board without adapter and console can be looked at. */
function watched(board: Board): readonly WatchedBoard[] {
  const [console] = consolesOf([board]);
  if (!hasAdapter(board) && !console) return [];
  return [
    {
      name: board.name,
      ...(hasAdapter(board) && { link: deviceOf(board.name) }),
      ...(console && { port: console.port }),
      ...(board.serial?.board_powered && { boardPowered: true as const }),
    },
  ];
}

function hasAdapter({ serial }: Board): boolean {
  return serial?.usb_serial !== undefined || serial?.usb_path !== undefined;
}
