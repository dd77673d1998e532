import type { LabFact } from '../../engine/sdk.ts';

/** The master's full name, by which its scheduler calls its own row (`socket.getfqdn()`, lava-server 2014); nothing when it has none. */
export const fullName: LabFact<string | undefined> = {
  of: 'master',
  probe: 'timeout 5 hostname -f 2>/dev/null || :',
  parse(output) {
    const name = output.trim();
    return name === '' ? undefined : name;
  },
};
