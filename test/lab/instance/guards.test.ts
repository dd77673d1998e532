import { expect, test } from 'vitest';
import { file } from '../../../engine/sdk.ts';
import { unlessMounted } from '../../../lab/instance/guards.ts';
import { liveHost } from '../../modules/live_host.ts';

test('what lies below a mount point is not even looked at', async () => {
  const host = await liveHost();
  const below = unlessMounted('/proc', {
    ...file({ path: '/proc/sys/kernel/hostname', content: 'no' }),
    probe: 'exit 1',
  });
  expect(await host.plan([below])).toEqual([]);
  const free = unlessMounted('/no/mount/point', file({ path: '/no/mount/point/x', content: '' }));
  expect(await host.plan([free])).toHaveLength(1);
});
