import { BlockList, isIP } from 'node:net';

/** A login that asks to be let in, without TLS. */
export interface LoginAttempt {
  readonly database: string;
  readonly user: string;
  readonly address: string;
}

/**
 * The authentication method of the first line of a pg_hba.conf that matches; nothing when none does.
 *
 * PostgreSQL documentation, "The pg_hba.conf File". Lines with host names or a separate mask match nothing here.
 */
export function methodFor(pgHba: string, attempt: LoginAttempt): string | undefined {
  for (const line of pgHba.split('\n')) {
    const [type, databases = '', users = '', address = '', method] = fieldsOf(line);
    if (type !== 'host' && type !== 'hostnossl') continue;
    if (!namesDatabase(databases, attempt) || !names(users, attempt.user)) continue;
    if (contains(address, attempt.address)) return method;
  }
  return undefined;
}

/** The words of a line up to its comment; a quoted word keeps its quotes, as they take its special meaning. */
function fieldsOf(line: string): readonly string[] {
  return line.match(/#.*|(?:"[^"]*"|[^\s"#])+/g)?.filter((word) => !word.startsWith('#')) ?? [];
}

function namesDatabase(field: string, { database, user }: LoginAttempt): boolean {
  return names(field, database) || (field.split(',').includes('sameuser') && database === user);
}

function names(field: string, name: string): boolean {
  const words = field.match(/"[^"]*"|[^,"]+/g) ?? [];
  return words.some((word) => word === 'all' || word.replaceAll('"', '') === name);
}

function contains(network: string, address: string): boolean {
  if (network === 'all') return true;
  const [base = '', bits = ''] = network.replaceAll('"', '').split('/');
  const family = isIP(base);
  if (family === 0 || isIP(address) !== family || !/^\d+$/.test(bits)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(base, Number(bits), type);
  return block.check(address, type);
}
