import type { HostQuery } from '../../engine/sdk.ts';
import { diskSpace, inodes } from './disk.ts';
import { networkLink } from './network_link.ts';
import { ownName } from './own_name.ts';
import { readOnly } from './read_only.ts';
import { rebootNeeded } from './reboot.ts';
import { load, memory } from './strain.ts';
import { timeSync } from './time_sync.ts';
import { tmpfs } from './tmpfs.ts';
import { failedUnits } from './units.ts';
import { usbPower } from './usb_power.ts';

/** What every host is asked, whatever it is in the lab. */
export const hostQueries: readonly HostQuery[] = [
  diskSpace,
  inodes,
  tmpfs,
  readOnly,
  memory,
  load,
  failedUnits,
  ownName,
  timeSync,
  networkLink,
  usbPower,
  rebootNeeded,
];
