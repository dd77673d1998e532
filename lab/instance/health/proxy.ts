import type { Finding } from '../../../engine/sdk.ts';
import { cite } from '../found_files.ts';
import type { InstanceFiles } from '../instance_files.ts';
import { maskProxy } from '../instance_settings.ts';
import { isPlaceholder, readDispatcherKey, readKey } from '../lava_lines.ts';

/** Whether the proxy that instance.conf names is the one that is used. */
export function judgeProxy({ instanceConf, dispatcher }: InstanceFiles): readonly Finding[] {
  if (!instanceConf || !dispatcher) return [];
  const stated = readKey(instanceConf, 'LAVA_PROXY');
  const used = readDispatcherKey(dispatcher, 'LAVA_PROXY');
  if (stated.state !== 'read' || isPlaceholder(stated.value)) return [];
  const inUse = used.state === 'read' ? used.value : '';
  if (stated.value === inUse) return [];
  return [
    {
      severity: 'warning',
      what: 'two files disagree about LAVA_PROXY, and only lava-dispatcher.conf is used',
      evidence: [
        cite(instanceConf, stated.index, maskProxy),
        used.state === 'read'
          ? cite(dispatcher, used.index, maskProxy)
          : `${dispatcher.path}: no LAVA_PROXY`,
      ].join('; '),
      fix: 'set lava.proxy in the inventory; lava-play apply',
      subject: 'LAVA_PROXY',
    },
  ];
}
