import { absent, type Fact, file, header, Refused, type Resource, sh } from '../../engine/sdk.ts';
import { folderIfMissing } from '../../lab/instance/guards.ts';
import type { AgentBoard } from './agent_args.ts';

const OURS = header({ from: 'the inventory' });

/** The devices of a classic worker that we have written, by name, in the folders of all instances. */
export const writtenDevices: Fact<readonly string[]> = {
  probe: sh`grep -lxF -- ${OURS} /srv/lava/instances/*/etc/lava-dispatcher/devices/*.conf 2>/dev/null || :`,
  parse: (output) => output.split('\n').filter((path) => path !== ''),
};

/**
 * One file a board, by which a classic dispatcher knows it and the heartbeat names it to the master.
 *
 * `KEY = value` without quotes, `%` doubled (lava_dispatcher/config.py, 2014). Files that somebody else has written stay. The instance
 * may have had other folders before.
 */
export function classicDevices(
  [folder = '', ...former]: readonly string[],
  boards: readonly AgentBoard[],
  written: readonly string[],
): readonly Resource[] {
  const devices = boards.flatMap((board) =>
    board.device_type === undefined
      ? []
      : [{ path: `${folder}/${board.name}.conf`, content: deviceText(board) }],
  );
  const wanted = new Set(devices.map(({ path }) => path));
  const left = written.filter(
    (path) => [folder, ...former].some((each) => path.startsWith(`${each}/`)) && !wanted.has(path),
  );
  return [
    folderIfMissing(folder),
    ...devices.map((device) => file(device)),
    ...left.map((path) => absent({ path })),
  ];
}

function deviceText({
  name,
  device_type: type,
  connection_command: given,
  serial,
  power,
}: AgentBoard): string {
  const console =
    serial?.tcp_port === undefined ? undefined : `telnet localhost ${serial.tcp_port}`;
  const values = {
    device_type: type,
    connection_command: given ?? console,
    hard_reset_command: oneCommand(power?.reset),
    power_on_cmd: oneCommand(power?.on),
    power_off_cmd: oneCommand(power?.off),
  };
  const lines = Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (/[\n\r]/.test(value)) {
      throw new Refused(`${key} of the board ${name} holds a line break`, 'write it in one line');
    }
    return [`${key} = ${value.replaceAll('%', '%%')}\n`];
  });
  return `${OURS}\n${lines.join('')}`;
}

function oneCommand(command: string | readonly string[] | undefined): string | undefined {
  return Array.isArray(command) ? command.join(' && ') : (command as string | undefined);
}
