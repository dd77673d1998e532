import { expect, test } from 'vitest';
import type { Connection } from '../../../engine/contract/transport.ts';
import { borrowJump } from '../../../engine/transport/jump.ts';
import type { Link } from '../../../engine/transport/machine.ts';
import { sshConnection } from '../../support/connection.ts';

/** Dials links that only count how often they were closed. */
function dialler() {
  const dialled: { readonly closed: () => number; readonly lose: () => void }[] = [];
  return {
    dialled,
    dial: async (_: Connection): Promise<Link> => {
      let count = 0;
      let lose = (): void => {};
      const closed = new Promise<void>((resolve) => {
        lose = resolve;
      });
      dialled.push({ closed: () => count, lose: () => lose() });
      const close = async (): Promise<void> => {
        count += 1;
      };
      return { closed, close } as unknown as Link;
    },
  };
}

const jump = (address: string): Connection => sshConnection(22, { address });

test('one connection serves all that lie behind a host, and is closed with the last, once', async () => {
  const { dial, dialled } = dialler();
  const [one, other] = await Promise.all([
    borrowJump(jump('192.0.2.1'), dial),
    borrowJump(jump('192.0.2.1'), dial),
  ]);
  expect(dialled).toHaveLength(1);
  expect(one.link).toBe(other.link);
  await one.release();
  await one.release();
  expect(dialled[0]?.closed()).toBe(0);
  await other.release();
  expect(dialled[0]?.closed()).toBe(1);
});

test('another host, another user and another way are other connections', async () => {
  const { dial, dialled } = dialler();
  const first = jump('192.0.2.2');
  const all = [
    first,
    { ...first, user: 'other' },
    { ...first, port: 2222 },
    { ...first, jump: jump('192.0.2.3') },
  ];
  const borrowed = await Promise.all(all.map((each) => borrowJump(each, dial)));
  expect(dialled).toHaveLength(4);
  await Promise.all(borrowed.map(({ release }) => release()));
});

test('one that was lost, or could not be made, is dialled again', async () => {
  const { dial, dialled } = dialler();
  const first = await borrowJump(jump('192.0.2.4'), dial);
  dialled[0]?.lose();
  await first.link.closed;
  await new Promise((resolve) => setImmediate(resolve));
  const second = await borrowJump(jump('192.0.2.4'), dial);
  expect(dialled).toHaveLength(2);
  await second.release();
  const refused = borrowJump(jump('192.0.2.4'), () => Promise.reject(new Error('refused')));
  await expect(refused).rejects.toThrow('refused');
  const third = await borrowJump(jump('192.0.2.4'), dial);
  expect(dialled).toHaveLength(3);
  await third.release();
});
