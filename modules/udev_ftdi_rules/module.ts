import { ACCOUNT_NAME, absent, defineModule, file, group, pkg } from '../../engine/sdk.ts';
import { boardsSchema } from '../../lab/board/schema.ts';
import { adapterKeys } from './adapter_key.ts';
import { adaptersHealth } from './health.ts';
import { rulesRead } from './rules_handler.ts';
import { RULES_FILE, rulesText } from './rules_text.ts';
import { serialLink } from './serial_link.ts';
import { serialSurvey } from './serial_survey.ts';

/** A name for the serial console of each board that does not depend on the order in which adapters are plugged in. */
export default defineModule({
  name: 'udev_ftdi_rules',
  summary: "udev rules that give each board's serial adapter the name /dev/lava/BOARD",
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      boards: { ...boardsSchema, default: [] },
      group: {
        type: 'string',
        pattern: ACCOUNT_NAME,
        default: 'dialout',
        description: 'Group that may open the ports; made when it is missing',
      },
      mode: {
        type: 'string',
        pattern: '^0?[0-7]{3}$',
        default: '0660',
        description: 'Permissions of the ports, octal',
      },
    },
  },
  example: 'boards: "{{ boards }}"\n',
  surveys: { serial: serialSurvey },
  desired({ args }) {
    const keys = adapterKeys(args.boards);
    const access = { group: args.group, mode: args.mode.padStart(4, '0') };
    const onChange = [rulesRead(keys)];
    if (keys.length === 0) return [absent({ path: RULES_FILE, onChange })];
    return [
      pkg({ name: 'udev' }),
      group({ name: access.group, system: true }),
      file({ path: RULES_FILE, content: rulesText(keys, access), validate: VALIDATE, onChange }),
      ...keys.map((key) => serialLink(key, { keys, onChange, ...access })),
    ];
  },
  health: ({ args: { boards }, host }) =>
    adaptersHealth(
      adapterKeys(boards),
      host.name,
      new Set(boards.filter(({ serial }) => serial?.board_powered).map(({ name }) => name)),
    ),
});

/** `udevadm verify` came with systemd 254. */
const VALIDATE = 'if udevadm verify --help >/dev/null 2>&1; then udevadm verify "$file"; fi';
