import { type Finding, type HealthQuery, isRefused } from '../../engine/sdk.ts';
import type { Device } from '../../lab/board/device.ts';
import { dictionary, type Protocol } from './dictionary.ts';
import { DICTIONARY } from './health.ts';

const MARK = 'next dictionary';

/**
 * Whether each device dictionary is as the inventory says: its commands are run as root on the worker, and whoever
 * may change a device in LAVA may write it.
 */
export function dictionariesHealth(
  devices: readonly Device[],
  protocol: Protocol,
): readonly HealthQuery[] {
  const wanted = devices.flatMap((device) => {
    const resource = dictionaryOf(device, protocol);
    return resource ? [{ device, resource }] : [];
  });
  if (wanted.length === 0) return [];
  return [
    {
      id: 'lava_devices.dictionary',
      probe: wanted.map(({ resource }) => `${resource.probe}\necho; echo ${MARK}`).join('\n'),
      judge(output) {
        const outputs = output.split(`\n${MARK}\n`);
        return wanted.flatMap(({ device, resource }, i): readonly Finding[] => {
          const change = resource.change(resource.parse(outputs[i] ?? ''));
          if (!change) return [];
          const { name } = device.board;
          const isMissing = change.labels?.[0] === 'missing';
          return [
            {
              severity: 'problem',
              what: isMissing
                ? `LAVA has no dictionary for the board ${name}`
                : `the device dictionary of the board ${name} differs from what lava-play wrote, and its commands run as root on ${device.worker}`,
              evidence: `${resource.id}: ${isMissing ? 'no such file' : firstDifference(change)}`,
              fix: 'lava-play plan shows the difference, and apply reverts it; if you did not make it, check who may change devices on the master',
              subject: `dictionary of ${name}`,
              breaks: { kinds: [DICTIONARY], part: name },
            },
          ];
        });
      },
    },
  ];
}

/** Nothing for a board that a plan refuses; it says why. */
function dictionaryOf(
  device: Device,
  protocol: Protocol,
): ReturnType<typeof dictionary> | undefined {
  try {
    return dictionary(device, protocol);
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

function firstDifference({
  before,
  after,
}: {
  readonly before: string;
  readonly after: string;
}): string {
  const wanted = new Set(after.split('\n'));
  return (
    before.split('\n').find((line) => !wanted.has(line)) ?? 'lines are missing, or its mode differs'
  );
}
