import { header } from '../../engine/sdk.ts';
import type { AdapterKey } from './adapter_key.ts';

/** Where the links of the boards are. */
export const LINKS = '/dev/lava';

/**
 * The rules file, which is ours as a whole.
 *
 * 60-serial.rules sets the properties that the rules compare, so the number has to be above 60.
 */
export const RULES_FILE = '/etc/udev/rules.d/72-lava-play.rules';

/** Who may open the ports. */
export interface Access {
  readonly group: string;
  readonly mode: string;
}

/** One rule a board: its link, its access, and hands off for ModemManager. */
export function rulesText(keys: readonly AdapterKey[], { group, mode }: Access): string {
  return [
    `${header({ from: 'the boards of the inventory' })}\n`,
    ...keys.map(({ board, properties }) =>
      [
        'SUBSYSTEM=="tty"',
        ...properties.map(([name, value]) => `ENV{${name}}=="${value}"`),
        `SYMLINK+="lava/${board}"`,
        `GROUP="${group}"`,
        `MODE="${mode}"`,
        'ENV{ID_MM_DEVICE_IGNORE}="1"',
        'TAG+="systemd"\n',
      ].join(', '),
    ),
  ].join('');
}
