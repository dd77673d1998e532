import { once } from 'node:events';
import { connect } from 'node:net';
import type { Session } from '../../engine/contract/transport.ts';

/** A session of a host that reaches whatever this machine reaches, and runs nothing. */
export const reachingSession: Session = {
  run: async () => '',
  runBeside: async () => '',
  async openTcp(host, port) {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return socket;
  },
  cost: { scripts: 0, bytesSent: 0, bytesReceived: 0 },
  close: async () => {},
};
