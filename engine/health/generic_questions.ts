import type { HostQuestion } from '../contract/health_question.ts';
import { diskSpace, inodes } from './any_host/disk.ts';
import { networkLink } from './any_host/network_link.ts';
import { ownName } from './any_host/own_name.ts';
import { readOnly } from './any_host/read_only.ts';
import { rebootNeeded } from './any_host/reboot.ts';
import { load, memory } from './any_host/strain.ts';
import { timeSync } from './any_host/time_sync.ts';
import { failedUnits } from './any_host/units.ts';
import { usbPower } from './any_host/usb_power.ts';

/** What every host is asked, whatever it is in the lab. */
export const genericQuestions: readonly HostQuestion[] = [
  diskSpace,
  inodes,
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
