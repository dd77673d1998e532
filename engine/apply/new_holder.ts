import { randomBytes } from 'node:crypto';
import type { Holder } from '../script/lock.ts';

/** Who works on hosts, and by which command. */
export interface Operator {
  /** `admin@laptop`. */
  readonly name: string;
  /** `lava-play apply lab.yaml`. */
  readonly command: string;
}

/** More of a command line than anybody needs to know which run it is. */
const LONGEST_COMMAND = 200;

/** One who works on a host from now on, under a name that no other run has. */
export function newHolder({ name, command }: Operator, inUse: Holder['inUse']): Holder {
  const now = new Date().toISOString();
  const shown =
    command.length > LONGEST_COMMAND ? `${command.slice(0, LONGEST_COMMAND)} …` : command;
  const stamp = now.replace(/[-:]|\.\d+/g, '');
  return {
    text: `${name} since ${now} (${shown})`,
    run: `${stamp}-${randomBytes(3).toString('hex')}`,
    inUse,
  };
}
