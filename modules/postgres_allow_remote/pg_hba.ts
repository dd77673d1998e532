import { maskAfter, ownedBlock } from '../../engine/sdk.ts';

/** Who may log in from where. */
export interface Grant {
  readonly database: string;
  readonly user: string;
  /** Networks and host names in pg_hba.conf's form. */
  readonly addresses: readonly string[];
  readonly tls: 'allow' | 'require';
}

const BLOCK = 'postgres_allow_remote';

/**
 * pg_hba.conf with our lines in one block, and without the line by which lava-deployment-tool let
 * everybody in as anybody.
 *
 * The first line that matches a client decides (PostgreSQL documentation, "The pg_hba.conf File"), so the
 * block stands before all lines about network clients and after those about local ones. Lines in it about
 * another database or role stay: they are those of another instance of LAVA.
 */
export function editPgHba(text: string, grant: Grant): string {
  const foreign = recordsOf(ownedBlock(text, BLOCK, [])).filter((record) => !admitsAnybody(record));
  const firstRemote = foreign.findIndex((record) => /^\s*(host|include)/i.test(oneLine(record)));
  const place = firstRemote < 0 ? foreign.length : firstRemote;
  const head = foreign.slice(0, place).join('');
  const lines = [...linesOfOthers(text, grant), ...linesOf(grant)].toSorted(byTarget);
  return ownedBlock(head, BLOCK, lines) + foreign.slice(place).join('');
}

/** The numbers of the lines of our block, which are going to be replaced. */
export function ownLines(text: string): ReadonlySet<number> {
  const lines = text.split('\n').map((line) => line.trim());
  const begin = lines.indexOf(`# BEGIN lava-play ${BLOCK}`);
  const end = lines.indexOf(`# END lava-play ${BLOCK}`);
  return new Set(lines.map((_, i) => i + 1).filter((n) => begin >= 0 && n > begin && n <= end + 1));
}

function linesOfOthers(text: string, { database, user }: Grant): readonly string[] {
  const own = targetOf(`host ${word(database)} ${word(user)} `);
  const lines = text.split('\n').map((line) => line.trim());
  return [...ownLines(text)]
    .map((number) => lines[number - 1] ?? '')
    .filter((line) => !line.startsWith('#') && line !== '' && targetOf(line) !== own);
}

/** Each instance's lines stay together, in the order of their databases, whoever was applied last. */
function byTarget(a: string, b: string): number {
  const [left, right] = [targetOf(a), targetOf(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Database and role of a line. */
function targetOf(line: string): string {
  const [, database = '', user = ''] =
    /^\S+\s+("(?:[^"]|"")*"|\S+)\s+("(?:[^"]|"")*"|\S+)\s/.exec(line) ?? [];
  return `${database} ${user}`;
}

/** Hides the passwords that pg_hba.conf can hold for LDAP and RADIUS. */
export const maskPgHba = maskAfter(/\b(?:ldapbindpasswd|radiussecrets)=("[^"]*"|[^\s"]+)/);

function linesOf({ database, user, addresses, tls }: Grant): readonly string[] {
  const type = tls === 'require' ? 'hostssl' : 'host';
  return addresses.map((address) =>
    [type, word(database), word(user), word(address), 'scram-sha-256'].join(' '),
  );
}

/** A line with those that a backslash at its end ties to it (since PostgreSQL 14). */
export function recordsOf(text: string): readonly string[] {
  return text.match(/(?:[^\n]*\\\r?\n)*(?:[^\n]*\n|[^\n]+$)|[^\n]*\\\r?\n$/g) ?? [];
}

/** A record as PostgreSQL reads it, without the backslashes that tie its lines together. */
export function oneLine(record: string): string {
  return record.replace(/\\\r?\n/g, '');
}

/** `allow_remote_postgres` of lava-deployment-tool (2014) appended this line to every pg_hba.conf. */
function admitsAnybody(record: string): boolean {
  return /^[ \t]*host[ \t]+all[ \t]+all[ \t]+0\.0\.0\.0\/0[ \t]+trust[ \t]*(#.*)?\r?\n?$/.test(
    oneLine(record),
  );
}

/** Quotes what pg_hba.conf would take for a keyword, a role, a file or several words. */
function word(text: string): string {
  const keyword = /^(all|sameuser|samerole|samegroup|samehost|samenet|replication)$/i.test(text);
  return /^[\w.:][\w.:/-]*$/.test(text) && !keyword ? text : `"${text.replaceAll('"', '""')}"`;
}
