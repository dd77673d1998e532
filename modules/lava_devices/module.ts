import { Deferred, defineModule, Pending, type Resource } from '../../engine/sdk.ts';
import { devicesOf } from '../../lab/board/device.ts';
import { databaseFact, troubleOf } from '../../lab/master/database_probe.ts';
import { registered } from '../../lab/master/registration.ts';
import { heldConsoles, heldElsewhere } from '../../lab/serial/console_users.ts';
import { configuration } from './configuration.ts';
import { deviceQueries, deviceRecords } from './device_records.ts';
import {
  deviceRegistered,
  deviceRegistry,
  deviceRetired,
  unlisted,
} from './device_registration.ts';
import { refuseUnknownType, typeRegistered, typesOf } from './device_types.ts';
import { dictionary, refuseContradiction } from './dictionary.ts';
import { dictionariesHealth } from './dictionary_health.ts';
import { devicesHealth } from './health.ts';

/** The master has the boards of the inventory as devices, each with its dictionary, and no others that it had from there. */
export default defineModule({
  name: 'lava_devices',
  summary: 'the boards of all workers as devices of a current master, with their dictionaries',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      protocol: {
        type: 'string',
        enum: ['raw', 'telnet', 'rfc2217'],
        default: 'telnet',
        description: 'How consoles are served, as for ser2net: LAVA reads raw ones with nc',
      },
    },
  },
  example: 'protocol: telnet\n',
  facts: { master: databaseFact(deviceQueries), configuration, consoles: heldConsoles },
  desired({ args, facts, lab }) {
    const { master } = facts;
    if (master.kind !== 'answered') throw new Pending(troubleOf(master));
    const { templates, healthChecks } = facts.configuration;
    const devices = devicesOf(lab);
    for (const device of devices) {
      refuseContradiction(device.board);
      refuseUnknownType(device, templates);
    }
    const names = new Set(devices.map(({ board }) => board.name));
    const left = [...deviceRecords(master.rows).values()].filter(
      ({ hostname, ours }) => ours && !names.has(hostname),
    );
    const inService = devices.map((device) => ({
      device,
      registrations: deviceRegistered(device, healthChecks.has(device.type) ? 'Unknown' : 'Good'),
    }));
    return [
      ...inService.map(({ device, registrations: [, registration] }) =>
        waitingFor(
          registration.difference(master.rows)?.deferred ?? heldElsewhere(facts.consoles, device),
          dictionary(device, args.protocol),
        ),
      ),
      ...registered(
        [
          ...[...typesOf(devices)].map(([type, aliases]) => typeRegistered(type, aliases)),
          ...inService.flatMap(({ registrations }) => registrations),
          ...left.flatMap(({ hostname }) => deviceRetired(hostname)),
          unlisted(names),
        ],
        deviceRegistry,
      ),
    ];
  },
  health: ({ args, lab, host }) => [
    ...devicesHealth(devicesOf(lab), lab.groups.workers ?? [], host.name),
    ...dictionariesHealth(devicesOf(lab), args.protocol),
  ],
});

/** The dictionary of a device that cannot be moved yet is still the one of its old place. */
function waitingFor(reason: string | undefined, resource: Resource): Resource {
  if (reason === undefined) return resource;
  return {
    ...resource,
    change(now) {
      const change = resource.change(now);
      if (change) throw new Deferred(reason, change);
      return undefined;
    },
  };
}
