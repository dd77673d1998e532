import type { Finding, HostQuery } from '../../engine/sdk.ts';
import type { Thing } from '../status/kinds.ts';

/** A device on USB as /sys describes it. */
interface Device {
  /** Its place: `1-2.4` is at port 4 of the hub `1-2`. */
  readonly place: string;
  readonly isHub: boolean;
  /** Whether it says to have a power supply of its own. */
  readonly isSelfPowered: boolean;
  /** What it may take from its hub, in mA. */
  readonly takes: number;
  /** Mbit/s. */
  readonly speed: number;
  readonly product: string;
}

/** What a hub that lives on its own port may hand on (USB 2.0, section 7.2.1.1; USB 3: 150 mA a port, 900 mA in all). */
const HANDS_ON = { usb2: 400, usb3: 750 };

/**
 * Hubs without a power supply that have to feed more than they can.
 *
 * Adapters then vanish and come back in the middle of a job; `bmAttributes` and `bMaxPower` are what the devices
 * themselves declare (USB 2.0, table 9-10).
 */
export const usbPower: HostQuery = {
  id: 'host.usb-power',
  probe: [
    'cd /sys/bus/usb/devices 2>/dev/null || exit 0',
    'grep -s . */bMaxPower */bmAttributes */bDeviceClass */speed */product || :',
    'grep -s . */*/over_current_count */*/*/over_current_count | grep -v ":0$" || :',
  ].join('\n'),
  judge(output) {
    const devices = readDevices(output);
    return [
      ...devices.filter(isWeak).flatMap((hub) => overload(hub, devices)),
      ...overCurrent(output),
    ];
  },
  things(output) {
    const devices = readDevices(output);
    return devices
      .filter(({ isHub, place }) => isHub && !place.startsWith('usb'))
      .map((hub): Thing => {
        const isStarved = isWeak(hub) && overload(hub, devices).length > 0;
        const [, parent] = /^(.+)\.\d+$/.exec(hub.place) ?? [];
        return {
          kind: 'hub',
          name: hub.place,
          state: isStarved ? 'starved' : hub.isSelfPowered ? 'powered' : 'unpowered',
          status: isStarved ? 'warning' : 'good',
          details: { product: hub.product, ...(parent !== undefined && { parent }) },
        };
      });
  },
};

function isWeak({ isHub, isSelfPowered, place }: Device): boolean {
  return isHub && !isSelfPowered && !place.startsWith('usb');
}

function overload(hub: Device, devices: readonly Device[]): readonly Finding[] {
  const fed = devices.filter(({ place }) => isAt(place, hub.place));
  const wanted = fed
    .filter(({ isSelfPowered, isHub }) => !(isHub && isSelfPowered))
    .reduce((sum, { takes }) => sum + takes, 0);
  const limit = hub.speed >= 5000 ? HANDS_ON.usb3 : HANDS_ON.usb2;
  if (wanted <= limit) return [];
  return [
    {
      severity: 'warning',
      what: `a USB hub without a power supply powers ${fed.length} devices, which may draw more than it can supply`,
      evidence: `${hub.place} ${hub.product}: ${wanted} mA needed by ${fed.map(({ place }) => place).join(', ')}, ${limit} mA available`,
      fix: 'connect the power supply of the hub, or use a hub that has one',
      subject: `hub ${hub.place}`,
    },
  ];
}

/** `1-2.4` is at `1-2`, and `1-2` at the root hub `usb1`, which the mainboard feeds. */
function isAt(place: string, hub: string): boolean {
  return place.startsWith(`${hub}.`) && !place.slice(hub.length + 1).includes('.');
}

/** Linux 4.20 and later count how often a port switched off because too much was drawn. */
function overCurrent(output: string): readonly Finding[] {
  return [...output.matchAll(/^(\S+)\/over_current_count:(\d+)$/gm)].map(
    ([, port = '', count]): Finding => ({
      severity: 'warning',
      what: 'a USB port has switched off because its devices drew too much current',
      evidence: `/sys/bus/usb/devices/${port}/over_current_count: ${count}`,
      fix: 'connect the devices through a hub with a power supply',
      subject: `hub ${port.split('/')[0]?.replace(/:.*$/, '')}`,
    }),
  );
}

function readDevices(output: string): readonly Device[] {
  const values = new Map<string, Map<string, string>>();
  for (const [, place = '', key = '', value = ''] of output.matchAll(
    /^([^/:\s]+)\/(bMaxPower|bmAttributes|bDeviceClass|speed|product):(.*)$/gm,
  )) {
    values.set(place, (values.get(place) ?? new Map()).set(key, value));
  }
  return [...values].map(([place, of]) => ({
    place,
    isHub: of.get('bDeviceClass') === '09',
    isSelfPowered: (Number.parseInt(of.get('bmAttributes') ?? '0', 16) & 0x40) !== 0,
    takes: Number.parseInt(of.get('bMaxPower') ?? '0', 10),
    speed: Number(of.get('speed') ?? 0),
    product: of.get('product') ?? 'USB hub',
  }));
}
