import type { HostView, LabView } from '../../engine/sdk.ts';
import type { JinjaValue } from './jinja.ts';

/** A board as the inventory describes it: the part that is about LAVA. */
export interface Board {
  readonly name: string;
  readonly device_type?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly aliases?: readonly string[];
  readonly serial?: { readonly tcp_port?: number };
  readonly connection_command?: string;
  readonly power?: Readonly<Partial<Record<PowerKey, string | readonly string[]>>>;
  readonly dictionary?: Readonly<Record<string, JinjaValue>>;
  /** A whole device dictionary. */
  readonly jinja2?: string;
}

/** What can be done to a board's power. */
export type PowerKey = 'on' | 'off' | 'reset' | 'soft_reboot';

/** A board that LAVA should have as a device, and the worker that it hangs on. */
export interface Device {
  readonly board: Board;
  readonly type: string;
  readonly worker: string;
}

/** The boards of all workers that have a device type; the others are of no concern to LAVA. */
export function devicesOf({ groups, hosts }: LabView): readonly Device[] {
  return (groups.workers ?? []).flatMap((worker) =>
    boardsOf(hosts[worker]).flatMap((board) =>
      board.device_type === undefined ? [] : [{ board, type: board.device_type, worker }],
    ),
  );
}

/** The boards of a host, which reading the inventory has held against their schema. */
function boardsOf(host: HostView | undefined): readonly Board[] {
  return (host?.vars.boards ?? []) as readonly Board[];
}
