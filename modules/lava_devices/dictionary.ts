import { file, header, maskAfter, Refused } from '../../engine/sdk.ts';
import type { Board, Device, PowerKey } from '../../lab/board/device.ts';
import { isJinjaName, type JinjaValue, jinjaSet } from '../../lab/board/jinja.ts';
import { ACCOUNT } from '../../lab/master/master_python.ts';
import { DICTIONARY_CHECK } from './dictionary_check.ts';
import { yamlText } from './yaml_text.ts';

/** How a console is served; as in the module `ser2net`. */
export type Protocol = 'raw' | 'telnet' | 'rfc2217';

/** Where LAVA looks for device dictionaries (`DEVICES_PATH` of `lava_server/settings/common.py`, 2023.01). */
const FOLDER = '/etc/lava-server/dispatcher-config/devices';

/** The variables of LAVA's `base.jinja2` (2023.01). */
const POWER: Readonly<Record<PowerKey, string>> = {
  on: 'power_on_command',
  off: 'power_off_command',
  reset: 'hard_reset_command',
  soft_reboot: 'soft_reboot_command',
};

/** The dictionary of a device, which LAVA can read before it finds it. */
export function dictionary(device: Device, protocol: Protocol): ReturnType<typeof file> {
  return file({
    path: `${FOLDER}/${device.board.name}.jinja2`,
    content: device.board.jinja2 ?? dictionaryText(device, protocol),
    mask: maskAfter(
      /^\{% set \w*(?:password|passwd|token|secret)\w* = (.*?) %\}$/im,
      /(?:^|[\s'"])--?(?:password|passwd|passphrase|pass|token|secret|community)[= ](?:\\?['"])?([^\s'"\\]+)/i,
      /:\/\/[^\s:/@'"]+:([^\s/@'"]+)@/,
    ),
    mode: '0640',
    validate: DICTIONARY_CHECK,
    owner: ACCOUNT,
    group: ACCOUNT,
  });
}

/** The text of a dictionary made from a board. */
function dictionaryText({ board, type }: Device, protocol: Protocol): string {
  const commands = Object.entries(POWER).flatMap(([key, variable]) => {
    const command = board.power?.[key as PowerKey];
    return command === undefined ? [] : [[variable, yamlText(command)] as const];
  });
  const connection = connectionCommand(board, protocol);
  const variables: readonly (readonly [string, JinjaValue])[] = [
    ...(connection === undefined ? [] : [['connection_command', yamlText(connection)] as const]),
    ...commands,
    ...Object.entries(board.dictionary ?? {}),
  ];
  refuseStrange(
    board,
    variables.map(([name]) => name),
  );
  return [
    `{% extends "${type}.jinja2" %}\n`,
    `${header({ from: 'the inventory', sign: '{#' })}\n`,
    ...variables.map(([name, value]) => `${jinjaSet(name, value)}\n`),
  ].join('');
}

/** The dispatcher runs on the board's own worker, where ser2net serves the console. */
function connectionCommand(
  { connection_command: given, serial }: Board,
  protocol: Protocol,
): string | undefined {
  if (given !== undefined || serial?.tcp_port === undefined) return given;
  return `${protocol === 'raw' ? 'nc' : 'telnet'} localhost ${serial.tcp_port}`;
}

function refuseStrange({ name }: Board, variables: readonly string[]): void {
  const odd = variables.find((variable) => !isJinjaName(variable));
  if (odd !== undefined) {
    throw new Refused(
      `the dictionary of the board ${name} has the key '${odd}', which cannot be a variable of Jinja`,
      'letters, digits and underscores; no word of the language',
    );
  }
  const twice = variables.find((variable, i) => variables.indexOf(variable) !== i);
  if (twice === undefined) return;
  throw new Refused(
    `the board ${name} gets ${twice} twice: in its dictionary, and from ${twice === 'connection_command' ? 'connection_command or serial' : 'power'}`,
    'keep one of the two',
  );
}

/** Refuses a board of which something would be ignored. */
export function refuseContradiction({ name, jinja2, ...board }: Board): void {
  if (jinja2 === undefined) return;
  const ignored = (['connection_command', 'power', 'dictionary'] as const).filter(
    (key) => board[key] !== undefined,
  );
  if (ignored.length === 0) return;
  throw new Refused(
    `the board ${name} has a device dictionary of its own (jinja2), in which ${ignored.join(' and ')} would be missing`,
    'write it into that file, or do without the file',
  );
}
