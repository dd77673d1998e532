import type { Connection } from '../contract/transport.ts';
import type { Link } from './machine.ts';

/** A jump connection on loan. */
export interface BorrowedLink {
  readonly link: Link;
  /** Gives it back; the last one to do so closes it. */
  release(): Promise<void>;
}

interface Shared {
  readonly link: Promise<Link>;
  users: number;
}

const shared = new Map<string, Shared>();

/** Lends the connection to a jump host, one for all the hosts of the run that lie behind it. */
export async function borrowJump(
  jump: Connection,
  dial: (connection: Connection) => Promise<Link>,
): Promise<BorrowedLink> {
  const identity = identityOf(jump);
  let entry = shared.get(identity);
  if (!entry) {
    entry = { link: dial(jump), users: 0 };
    shared.set(identity, entry);
  }
  const { link } = entry;
  const mine = entry;
  const forget = () => {
    if (shared.get(identity) === mine) shared.delete(identity);
  };
  mine.users += 1;
  try {
    const open = await link;
    void open.closed.then(forget);
    let returned = false;
    return {
      link: open,
      async release() {
        if (returned) return;
        returned = true;
        mine.users -= 1;
        if (mine.users > 0) return;
        forget();
        await open.close();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

function identityOf({ user, address, port, jump }: Connection): string {
  return JSON.stringify([user, address, port, jump ? identityOf(jump) : '']);
}
