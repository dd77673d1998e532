import {
  type Fact,
  parseSockets,
  propertiesIn,
  propertyIn,
  type Socket,
  showUnits,
  socketsProbe,
  unitBlocks,
} from '../../engine/sdk.ts';

/** A unit that runs, in the words of systemd, and the sockets that its main process holds. */
export interface Running {
  readonly active: string;
  /** Inodes of its sockets. */
  readonly sockets: ReadonlySet<number>;
}

/** What a host serves now. */
export interface HostState {
  /** Boards whose links lead to an adapter that is plugged in. */
  readonly devices: ReadonlySet<string>;
  /** By the name of the unit: the consoles, and the shared daemon. */
  readonly units: ReadonlyMap<string, Running>;
  readonly sockets: readonly Socket[];
}

/** The name of Debian's shared daemon. */
export const SHARED_UNIT = 'ser2net.service';

/** Shell that prints what the host serves now, for `parseHostState`. */
export const hostStateProbe = [
  'for device in /dev/lava/*; do',
  `  if [ -e "$device" ]; then printf 'device %s\\n' "\${device##*/}"; fi`,
  'done',
  'if [ -d /run/systemd/system ]; then',
  `  ${showUnits(['Id', 'ActiveState', 'MainPID'], `'lava-console@*.service' ${SHARED_UNIT}`)} |`,
  '    while read -r line; do',
  `      printf '%s\\n' "$line"`,
  '      case $line in',
  '      MainPID=0) ;;',
  `      MainPID=*) readlink "/proc/\${line#*=}/fd/"* 2>/dev/null | sed -n 's/^socket:\\[\\([0-9]*\\)\\]$/holds=\\1/p' ;;`,
  '      esac',
  '    done',
  'fi',
  'echo sockets',
  `${socketsProbe()} || :`,
].join('\n');

/** Reads what `hostStateProbe` printed. */
export function parseHostState(output: string): HostState {
  const [things = '', sockets = ''] = output.split(/^sockets$\n?/m);
  return {
    devices: new Set([...things.matchAll(/^device (.+)$/gm)].map(([, name = '']) => name)),
    units: new Map(unitBlocks(things.replace(/^device .*$/gm, '')).flatMap(parseUnit)),
    sockets: parseSockets(sockets),
  };
}

/** Whether a unit runs and holds a socket that listens on a port. */
export function serves({ units, sockets }: HostState, unit: string, port: number): boolean {
  return portsOf({ units, sockets }, unit).includes(port);
}

/** On which ports a unit listens. */
export function portsOf(
  { units, sockets }: Pick<HostState, 'units' | 'sockets'>,
  unit: string,
): readonly number[] {
  const held = units.get(unit);
  if (held?.active !== 'active') return [];
  const ports = sockets
    .filter(({ peer, inode }) => peer === undefined && held.sockets.has(inode))
    .map(({ port }) => port);
  return [...new Set(ports)];
}

/** The version of the installed package, as dpkg writes it; nothing when it is not installed. */
export const ser2netVersion: Fact<string | undefined> = {
  probe: [
    'if command -v dpkg-query >/dev/null; then',
    `  dpkg-query --show --showformat='\${Status} \${Version}\\n' ser2net 2>/dev/null || [ $? -eq 1 ]`,
    'fi',
  ].join('\n'),
  parse: (output) => /^install ok installed (\S+)$/m.exec(output)?.[1],
};

function parseUnit(block: string): readonly (readonly [string, Running])[] {
  const name = propertyIn(block, 'Id');
  if (name === '') return [];
  const sockets = new Set(propertiesIn(block, 'holds').map(Number));
  return [[name, { active: propertyIn(block, 'ActiveState'), sockets }]];
}
