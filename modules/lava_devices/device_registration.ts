import type { Device } from '../../lab/board/device.ts';
import { REGISTERED } from '../../lab/master/log_entries.ts';
import { changedLines, type Registration, type Registry } from '../../lab/master/registration.ts';
import { BY_US, isByUs, jobsInWords } from '../../lab/master/worker_records.ts';
import { type DeviceRecord, deviceQueries, deviceRecords } from './device_records.ts';

const LEFT = `${BY_US} not in the inventory`;
const BACK = `${BY_US} in the inventory`;

/** How a device's health begins: with a health check there is something that can find out. */
export type FirstHealth = 'Good' | 'Unknown';

/**
 * A board of the inventory is a device; its health is its own, unless it was us who took it out of service.
 *
 * A device with jobs is not moved to another worker or type until they are over, and gets no new ones.
 */
export function deviceRegistered(
  device: Device,
  firstHealth: FirstHealth,
): readonly [jobs: Registration, device: Registration] {
  const { board, type, worker } = device;
  const { name } = board;
  const moves = (now: DeviceRecord): boolean => now.type !== type || now.worker !== worker;
  return [
    noNewJobs(name, (now) => (moves(now) ? `${BY_US} it moves to ${worker}` : undefined)),
    {
      id: idOf(name),
      difference(rows) {
        const now = deviceRecords(rows).get(name);
        const byHand = now && !now.ours;
        const tags = board.tags ?? (byHand ? now.tags : []);
        const description = board.description ?? (byHand ? now.description : '');
        const isBack = now !== undefined && isOutByUs(now);
        const health = now && !isBack ? now.health : firstHealth;
        const wanted = { type, worker, health, tags: [...tags].sort(), description };
        const { before, after } = changedLines(now ? shown(now) : {}, shown(wanted));
        if (now && before === after) return undefined;
        const action = { ...{ do: 'device', name, type, worker, tags, description }, reason: BACK };
        if (!now) {
          return { before, after, labels: ['missing', 'device'], action: { ...action, health } };
        }
        const deferred = moves(now) && now.jobs.length > 0;
        return {
          before,
          after,
          action: {
            ...action,
            from: stateOf(now, deferred ? healthWithoutJobs(now) : now.health),
            ...((isBack || (deferred && healthWithoutJobs(now) !== now.health)) && { health }),
            ...(moves(now) && !deferred && { idle: true }),
          },
          ...(deferred && { deferred: `${name} ${busy(now)}` }),
        };
      },
      warnings(rows) {
        const now = deviceRecords(rows).get(name);
        if (now?.health !== 'Retired' || isOutByUs(now)) return [];
        const message = `${name} was retired on the master, not by lava-play, although it is in the inventory`;
        return [{ message, hint: 'set another health on its page of the web interface' }];
      },
    },
  ];
}

/** A device that left the inventory is retired, once its jobs are over: LAVA would cancel them. */
export function deviceRetired(name: string): readonly [jobs: Registration, device: Registration] {
  return [
    noNewJobs(name, (now) => (now.ours ? LEFT : undefined)),
    {
      id: idOf(name),
      difference(rows) {
        const now = deviceRecords(rows).get(name);
        if (!now?.ours || now.health === 'Retired') return undefined;
        const deferred = now.jobs.length > 0;
        return {
          ...changedLines({ health: now.health }, { health: 'Retired' }),
          proves: `LAVA has retired the device ${name}`,
          action: {
            ...{ do: 'out', name, to: 'Retired', reason: LEFT },
            from: stateOf(now, deferred ? healthWithoutJobs(now) : now.health),
            ...(!deferred && { idle: true }),
          },
          ...(deferred && { deferred: `${name} left the inventory and ${busy(now)}` }),
        };
      },
    },
  ];
}

/** Lets a device that is at work get no new jobs, for a reason that may not hold. */
function noNewJobs(
  name: string,
  reasonFor: (now: DeviceRecord) => string | undefined,
): Registration {
  return {
    id: `jobs of ${idOf(name)}`,
    difference(rows) {
      const now = deviceRecords(rows).get(name);
      const reason = now && now.jobs.length > 0 ? reasonFor(now) : undefined;
      if (!now || reason === undefined || healthWithoutJobs(now) === now.health) return undefined;
      return {
        ...changedLines({ health: now.health }, { health: 'Maintenance' }),
        action: { do: 'out', name, to: 'Maintenance', reason, from: stateOf(now, now.health) },
      };
    },
  };
}

/** What a device's health becomes so that it gets no new jobs; a device of another health gets none but health checks. */
function healthWithoutJobs({ health }: DeviceRecord): DeviceRecord['health'] {
  return health === 'Good' || health === 'Unknown' ? 'Maintenance' : health;
}

function isOutByUs({ health, lastWord }: DeviceRecord): boolean {
  return (health === 'Retired' || health === 'Maintenance') && isByUs(health, lastWord);
}

function stateOf({ type, worker }: DeviceRecord, health: DeviceRecord['health']) {
  return { type, worker, health };
}

/** Says which devices the inventory does not have, though the master does; they are not ours to retire. */
export function unlisted(known: ReadonlySet<string>): Registration {
  return {
    id: 'other devices of LAVA',
    difference: () => undefined,
    warnings(rows) {
      const names = [...deviceRecords(rows).values()]
        .filter(
          ({ hostname, ours, health }) => !known.has(hostname) && !ours && health !== 'Retired',
        )
        .map(({ hostname }) => hostname);
      if (names.length === 0) return [];
      const be = names.length === 1 ? 'is a device' : 'are devices';
      return [
        {
          message: `${names.join(', ')} ${be} on the master, not registered by lava-play and not in the inventory`,
          hint: 'add them to the inventory, or retire them on their pages in the web interface',
        },
      ];
    },
  };
}

function shown(device: {
  readonly type: string;
  readonly worker: string;
  readonly health: string;
  readonly tags: readonly string[];
  readonly description: string;
}): Readonly<Record<string, string>> {
  const { type, worker, health, tags, description } = device;
  return { 'device type': type, worker, health, tags: tags.join(', '), description };
}

function busy({ jobs }: DeviceRecord): string {
  return `still runs ${jobsInWords(jobs)}`;
}

function idOf(name: string): string {
  return `device ${name} of LAVA`;
}

/** How device types and devices are read and registered. */
export const deviceRegistry: Registry = {
  queries: deviceQueries,
  title: 'register devices',
  python: `from lava_scheduler_app.models import Alias, Device, DeviceType, Tag, TestJob, Worker
def device_type(action):
    made, new = DeviceType.objects.get_or_create(name=action["name"])
    for alias in action["aliases"]:
        Alias.objects.get_or_create(name=alias, device_type=made)
def device(action):
    worker = Worker.objects.filter(hostname=action["worker"]).first()
    if worker is None:
        raise ValueError("the worker %s is not registered: apply lava_workers first" % action["worker"])
    if "from" in action:
        found = planned(action)
    elif Device.objects.filter(hostname=action["name"]).exists():
        raise SystemExit(75)
    else:
        found = Device(hostname=action["name"], state=Device.STATE_IDLE)
    found.device_type = DeviceType.objects.get(name=action["type"])
    found.worker_host = worker
    found.description = action["description"] or None
    if "health" in action:
        if "from" in action:
            found.log_admin_entry(None, "%s \\u2192 %s (%s)" % (found.get_health_display(), action["health"], action["reason"]))
        found.health = Device.HEALTH_REVERSE[action["health"].upper()]
    found.save()
    found.tags.set([Tag.objects.get_or_create(name=name)[0] for name in action["tags"]])
    if "from" not in action:
        found.log_admin_entry(None, "${REGISTERED}")
def out(action):
    found = planned(action)
    found.log_admin_entry(None, "%s \\u2192 %s (%s)" % (found.get_health_display(), action["to"], action["reason"]))
    found.health = Device.HEALTH_REVERSE[action["to"].upper()]
    found.save()
def planned(action):
    found = Device.objects.select_for_update().get(hostname=action["name"])
    now = {"type": found.device_type_id, "worker": found.worker_host_id or "", "health": found.get_health_display()}
    if now != action["from"]:
        raise SystemExit(75)
    at_work = TestJob.objects.filter(actual_device=found, state__in=[
        TestJob.STATE_SCHEDULING, TestJob.STATE_SCHEDULED, TestJob.STATE_RUNNING, TestJob.STATE_CANCELING])
    if action.get("idle") and at_work.exists():
        raise SystemExit(75)
    return found
for action in given:
    {"type": device_type, "device": device, "out": out}[action["do"]](action)
`,
};
