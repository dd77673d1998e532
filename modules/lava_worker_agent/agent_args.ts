import type { Board as LavaBoard } from '../../lab/board/device.ts';
import type { Board as SerialBoard } from '../../lab/serial/board.ts';
import type { Equipment } from './what_to_watch.ts';

/** A board as the inventory describes it: the parts of it that a worker has to do with. */
export type AgentBoard = SerialBoard &
  Pick<LavaBoard, 'device_type' | 'connection_command' | 'power'>;

/** What both kinds of workers are told about the heartbeat. */
export interface HeartbeatArgs {
  readonly url?: string;
  readonly rpc2_url?: string;
  readonly heartbeat: 'on' | 'off';
  readonly heartbeat_user?: string;
  readonly heartbeat_token?: string;
  readonly heartbeat_key?: string;
  readonly textfile?: string;
  readonly boards: readonly AgentBoard[];
  readonly mount?: string;
  readonly disks?: Equipment['disks'];
}
