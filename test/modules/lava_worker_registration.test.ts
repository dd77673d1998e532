import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { NOT_NOW } from '../../engine/sdk.ts';
import { workerRegistry, workerRetired } from '../../modules/lava_workers/worker_registration.ts';

/** Models of LAVA in which there is one worker with two devices, and whether jobs are about to run on it. */
const MODELS = `import json, sys, types
from unittest.mock import MagicMock
WORDS = ["Active", "Maintenance", "Retired"]
asked = json.load(sys.stdin)
said = []
worker = MagicMock(hostname="worker07", health=asked["health"])
worker.get_health_display.side_effect = lambda: WORDS[worker.health]
worker.log_admin_entry.side_effect = lambda user, text, **more: said.append(text)
def go(health):
    def change(user, reason):
        worker.health = health
    return change
worker.go_health_active.side_effect = go(0)
worker.go_health_maintenance.side_effect = go(1)
devices = {name: MagicMock(hostname=name, health="Good") for name in ["qemu-01", "qemu-02"]}
worker.device_set.select_for_update().filter.side_effect = lambda hostname__in: [devices[name] for name in hostname__in]
Worker, Device, TestJob = MagicMock(HEALTH_RETIRED=2), MagicMock(HEALTH_RETIRED="Retired"), MagicMock()
for state in ["SUBMITTED", "SCHEDULING", "SCHEDULED", "RUNNING", "CANCELING", "FINISHED"]:
    setattr(TestJob, "STATE_" + state, state)
Worker.objects.select_for_update().get.side_effect = lambda hostname: {"worker07": worker}[hostname]
def jobs(actual_device__worker_host, state__in):
    assert actual_device__worker_host is worker
    found = MagicMock()
    found.exists.return_value = asked["job"] in state__in
    return found
TestJob.objects.filter.side_effect = jobs
models = types.ModuleType("lava_scheduler_app.models")
models.Worker, models.Device, models.TestJob = Worker, Device, TestJob
sys.modules["lava_scheduler_app"] = types.ModuleType("lava_scheduler_app")
sys.modules["lava_scheduler_app.models"] = models
exec(compile(asked["snippet"], "snippet", "exec"), {"given": asked["given"]})
assert worker.save.called
print(json.dumps({"health": WORDS[worker.health], "said": said, "devices": [d.health for d in devices.values()]}))
`;

interface Meanwhile {
  /** What the worker has become since the plan was made. */
  readonly health?: 'Active' | 'Maintenance' | 'Retired';
  /** The state of a job that is on the worker now. */
  readonly job?: string;
}

/** What comes of the step that retires worker07, planned while it was Active and had these jobs. */
function retired(planned: readonly number[], { health = 'Active', job = 'FINISHED' }: Meanwhile) {
  const row = { hostname: 'worker07', health: 0, description: '', ours: true, last_word: '' };
  const rows = { workers: [{ ...row, jobs: planned, devices: ['qemu-01'] }] };
  const [first, last] = workerRetired('worker07', 'left', []).map((each) => each.difference(rows));
  const asked = {
    ...{ snippet: workerRegistry.python, given: [(first ?? last)?.action] },
    ...{ health: ['Active', 'Maintenance', 'Retired'].indexOf(health), job },
  };
  const { status, stdout, stderr } = spawnSync('python3', ['-I', '-c', MODELS], {
    input: JSON.stringify(asked),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return { status, came: stdout === '' ? undefined : JSON.parse(stdout) };
}

const BY_US = 'lava-play: not in the inventory';

describe('the step that retires a worker', () => {
  test('retires it with the devices that the plan names, and says so in the log', () => {
    expect(retired([], {})).toEqual({
      status: 0,
      came: {
        health: 'Retired',
        said: [`Active → Retired (${BY_US})`],
        devices: ['Retired', 'Good'],
      },
    });
  });

  test.each(['SCHEDULING', 'SCHEDULED', 'RUNNING', 'CANCELING'])(
    'leaves it alone when a job has come meanwhile, now %s',
    (job) => {
      expect(retired([], { job })).toEqual({ status: NOT_NOW, came: undefined });
    },
  );

  test('does not wait for a job that is only in the queue', () => {
    expect(retired([], { job: 'SUBMITTED' })).toMatchObject({ status: 0 });
  });

  test('leaves it alone when somebody has changed its health meanwhile', () => {
    expect(retired([], { health: 'Maintenance' })).toEqual({ status: NOT_NOW, came: undefined });
  });

  test('only keeps new jobs away from one that had some', () => {
    expect(retired([7], { job: 'RUNNING' })).toEqual({
      status: 0,
      came: { health: 'Maintenance', said: [], devices: ['Good', 'Good'] },
    });
  });
});
