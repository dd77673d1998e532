import { afterEach, expect, test } from 'vitest';
import type { Connection } from '../../../engine/contract/transport.ts';
import { connect } from '../../../engine/transport/connect.ts';
import { sshConnection } from '../../support/connection.ts';
import { countRoundTrips } from '../../support/round_trip_counter.ts';
import { startSshServer } from '../../support/ssh_server.ts';
import { makeKey, publicKey, sshdMissing, startSshd } from '../../support/sshd.ts';
import { tempFolder } from '../../support/temp_folder.ts';

const cleanups: (() => Promise<unknown>)[] = [];
const missing = sshdMissing();

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Flights for connect, and for each of four scripts; of three tries the fewest, in which no messages crossed. */
async function fewestRoundTrips(
  serverPort: number,
  settings: Partial<Connection>,
): Promise<readonly number[]> {
  const tries: (readonly number[])[] = [];
  for (let i = 0; i < 3; i += 1) tries.push(await roundTripsOf(serverPort, settings));
  const [first = []] = tries;
  return first.map((_, i) => Math.min(...tries.map((each) => each[i] ?? Number.NaN)));
}

async function roundTripsOf(serverPort: number, settings: Partial<Connection>) {
  const counter = await countRoundTrips(serverPort);
  cleanups.push(counter.stop);
  const session = await connect(sshConnection(counter.port, settings));
  cleanups.push(session.close);
  const counts = [counter.roundTrips()];
  for (let i = 0; i < 4; i += 1) {
    const before = counter.roundTrips();
    await session.run(`echo ${i}`);
    counts.push(counter.roundTrips() - before);
  }
  return counts;
}

function expectThrift([connected, ...scripts]: readonly number[]): void {
  expect(connected).toBeLessThanOrEqual(9);
  expect(scripts).toEqual([1, 1, 1, 1]);
}

test('connecting and two scripts take at most 11 round trips, each further script one', async () => {
  const folder = await tempFolder();
  cleanups.push(folder.remove);
  const identity = `${folder.path}/login`;
  makeKey(identity);
  const server = await startSshServer({ authorizedKeys: [await publicKey(identity)] });
  cleanups.push(server.stop);
  expectThrift(
    await fewestRoundTrips(server.port, { identityFiles: [identity], hostKey: server.hostKey }),
  );
});

test.skipIf(missing)(
  `the same against a real sshd${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const folder = await tempFolder();
    cleanups.push(folder.remove);
    const sshd = await startSshd({ folder: folder.path });
    cleanups.push(sshd.stop);
    expectThrift(
      await fewestRoundTrips(sshd.port, {
        identityFiles: [sshd.identityFile],
        hostKey: sshd.hostKeys.ed25519,
      }),
    );
  },
);
