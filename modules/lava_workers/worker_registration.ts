import { REGISTERED } from '../../lab/master/log_entries.ts';
import {
  changedLines,
  type Difference,
  type Registration,
  type Registry,
} from '../../lab/master/registration.ts';
import {
  BY_US,
  isByUs,
  jobsInWords,
  type WorkerRecord,
  workerQueries,
  workerRecords,
} from '../../lab/master/worker_records.ts';

/** A worker as the inventory describes it. */
export interface WantedWorker {
  readonly name: string;
  /** Absent where the inventory says nothing: then only what we have written ourselves is taken away. */
  readonly description: string | undefined;
}

/** Why a worker goes: it is gone from the inventory, or stands in the group of those that retire. */
export type Leaving = 'left' | 'retires';

const REASONS: Readonly<Record<Leaving, string>> = {
  left: `${BY_US} not in the inventory`,
  retires: `${BY_US} retired`,
};

/** A worker of the inventory is registered and gets jobs, unless somebody has put it into Maintenance. */
export function workerRegistered({ name, description }: WantedWorker): Registration {
  return {
    id: idOf(name),
    difference(rows) {
      const now = workerRecords(rows).get(name);
      const wanted = {
        health: now && !mayBeActive(now) ? now.health : 'Active',
        description: description ?? (now && !now.ours ? now.description : ''),
      };
      if (!now) {
        return {
          ...changedLines({}, wanted),
          labels: ['missing', 'worker'],
          action: { name, do: 'register', description: wanted.description },
        };
      }
      const { before, after } = changedLines(
        { health: now.health, description: withMark(now.description, now) },
        wanted,
      );
      if (before === after) return undefined;
      const action = {
        ...{ name, do: 'change', from: now.health, description: wanted.description },
        ...adopted(now),
        ...(wanted.health !== now.health && { to: 'Active', reason: `${BY_US} in the inventory` }),
      };
      return { before, after, action };
    },
    warnings(rows) {
      const now = workerRecords(rows).get(name);
      if (now?.health !== 'Maintenance' || mayBeActive(now)) return [];
      const why = now.mark === '' ? now.lastWord : now.mark;
      const said = why === '' ? '' : `: ${why}`;
      return [{ message: `${name} is in Maintenance on the master and gets no jobs${said}` }];
    },
  };
}

function withMark(description: string, { mark }: WorkerRecord): string {
  return [description, mark].filter((part) => part !== '').join(' ');
}

/** What the mark of release 0.1 says goes into LAVA's log, where the receiver of heartbeats looks for it. */
function adopted({ mark, health }: WorkerRecord): Readonly<Record<string, string>> {
  if (mark === '' || health !== 'Maintenance') return {};
  return { adopt: mark.slice(1, -1).replace(/[^\w ./:%@,+=;-]/g, '?') };
}

/** Retired workers come back with the inventory; of those in Maintenance only the ones that we put there. */
function mayBeActive({ health, lastWord }: WorkerRecord): boolean {
  return health !== 'Maintenance' || isByUs(health, lastWord);
}

/**
 * A worker that leaves is retired, once its jobs are over; until then it gets no new ones.
 *
 * One that only left the inventory is none of ours unless we have registered it; one that the inventory names is.
 *
 * With it go the devices that somebody has registered on it by hand, as LAVA does it, but for `boards`, which the
 * inventory has elsewhere. Our own devices come and go with their boards.
 */
export function workerRetired(
  name: string,
  leaving: Leaving,
  boards: readonly string[],
): readonly Registration[] {
  const left = (rows: Parameters<typeof workerRecords>[0]): WorkerRecord | undefined => {
    const now = workerRecords(rows).get(name);
    if (!now || (leaving === 'left' && !now.ours)) return undefined;
    const isDone = now.health === 'Retired' && (leaving === 'left' || devicesOf(now).length === 0);
    return isDone ? undefined : now;
  };
  const devicesOf = (now: WorkerRecord): readonly string[] =>
    now.devices.filter((each) => !boards.includes(each));
  const healthTo = (now: WorkerRecord, to: string): Difference => {
    const devices = to === 'Retired' ? devicesOf(now) : [];
    const after = { health: to, 'devices retired with it': devices.join(', ') };
    return {
      ...changedLines({ health: now.health }, after),
      ...(to === 'Retired' &&
        leaving === 'left' && { proves: `LAVA has retired the worker ${name}` }),
      action: { name, do: 'change', from: now.health, to, reason: REASONS[leaving], devices },
    };
  };
  return [
    {
      id: `jobs of ${idOf(name)}`,
      difference(rows) {
        const now = left(rows);
        if (now?.health !== 'Active' || now.jobs.length === 0) return undefined;
        return healthTo(now, 'Maintenance');
      },
    },
    {
      id: idOf(name),
      difference(rows) {
        const now = left(rows);
        if (!now) return undefined;
        const difference = healthTo(now, 'Retired');
        if (now.jobs.length === 0) {
          return { ...difference, action: { ...difference.action, idle: true } };
        }
        const from = now.health === 'Active' ? 'Maintenance' : now.health;
        return {
          ...difference,
          action: { ...difference.action, from },
          deferred: `${name} ${leaving === 'left' ? 'left the inventory' : 'retires'}, and ${jobsInWords(now.jobs)} still ${now.jobs.length === 1 ? 'runs' : 'run'} on it`,
        };
      },
    },
  ];
}

/** Says which workers the inventory does not have, though the master does; they are not ours to retire. */
export function unlisted(known: ReadonlySet<string>): Registration {
  return {
    id: 'other workers of LAVA',
    difference: () => undefined,
    warnings: (rows) =>
      [...workerRecords(rows).values()]
        .filter(
          ({ hostname, ours, health }) => !known.has(hostname) && !ours && health !== 'Retired',
        )
        .map(({ hostname }) => ({
          message: `${hostname} is registered on the master, but not by lava-play, and is not in the inventory`,
          hint: 'add it to the inventory, or retire it on its page of the web interface',
        })),
  };
}

function idOf(name: string): string {
  return `worker ${name} of LAVA`;
}

/**
 * How workers are read and registered.
 *
 * `lava-server manage workers update --health` always fails in 2023.01. The model's own way of retiring would
 * retire all devices of a worker (`go_health_retired`), also those that have moved to another.
 */
export const workerRegistry: Registry = {
  queries: workerQueries,
  title: 'register workers',
  python: `from lava_scheduler_app.models import Device, TestJob, Worker
def register(action):
    if Worker.objects.filter(hostname=action["name"]).exists():
        raise SystemExit(75)
    worker = Worker.objects.create(hostname=action["name"], description=action["description"] or None)
    worker.log_admin_entry(None, "${REGISTERED}", addition=True)
def change(action):
    worker = Worker.objects.select_for_update().get(hostname=action["name"])
    if worker.get_health_display() != action["from"]:
        raise SystemExit(75)
    if "adopt" in action:
        worker.log_admin_entry(None, "Active \\u2192 Maintenance (%s)" % action["adopt"])
    if "description" in action:
        worker.description = action["description"] or None
    to = action.get("to")
    if to == "Active":
        worker.go_health_active(None, action["reason"])
    if to == "Maintenance":
        worker.go_health_maintenance(None, action["reason"])
    if to == "Retired":
        retire(worker, action)
    worker.save()
def retire(worker, action):
    at_work = TestJob.objects.filter(actual_device__worker_host=worker, state__in=[
        TestJob.STATE_SCHEDULING, TestJob.STATE_SCHEDULED, TestJob.STATE_RUNNING, TestJob.STATE_CANCELING])
    if action.get("idle") and at_work.exists():
        raise SystemExit(75)
    for device in worker.device_set.select_for_update().filter(hostname__in=action["devices"]):
        device.log_admin_entry(None, "%s \\u2192 Retired (%s: worker %s)" % (
            device.get_health_display(), action["reason"], worker.hostname))
        device.health = Device.HEALTH_RETIRED
        device.save()
    if worker.health != Worker.HEALTH_RETIRED:
        worker.log_admin_entry(None, "%s \\u2192 Retired (%s)" % (worker.get_health_display(), action["reason"]))
    worker.health = Worker.HEALTH_RETIRED
for action in given:
    {"register": register, "change": change}[action["do"]](action)
`,
};
