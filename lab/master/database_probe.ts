import { type Fact, printText, type Refused } from '../../engine/sdk.ts';
import { databaseProgram } from './database_program.ts';
import { strangeLava } from './strange_lava.ts';

/** One way of asking LAVA's database something, with what LAVA must have for it. */
export interface Query {
  /** The columns that it reads, with spaces between, by table. A LAVA without one of them is not asked. */
  readonly reads: Readonly<Record<string, string>>;
  readonly sql: string;
  /** The migration, such as `lava_scheduler_app.0071`, since which LAVA writes to another place than this table. */
  readonly until?: { readonly migration: string; readonly table: string };
}

/** Questions by name; of several variants of asking one, the first for which LAVA has the tables is taken. */
export type Queries = Readonly<Record<string, Query | readonly Query[]>>;

/** One row by column name, as JSON can hold it. */
export type Row = Readonly<Record<string, unknown>>;

/** What the master's database says, or why it cannot be asked. */
export type MasterDatabase =
  | {
      readonly kind: 'answered';
      readonly rows: Readonly<Record<string, readonly Row[]>>;
      /** Of the master's programs, as they call themselves towards workers: `2023.01`. */
      readonly version?: string;
    }
  /** lava-server is not installed. */
  | { readonly kind: 'not installed' }
  /** lava-server has not been told where its database is. */
  | { readonly kind: 'no settings' }
  /** A file of its settings is not YAML, or holds none: lava-server does not start with it. */
  | { readonly kind: 'unreadable settings'; readonly reason: string }
  /** Tables are missing, or older than the installed programs. */
  | {
      readonly kind: 'not migrated';
      readonly missing: number;
      /** The first of the migrations that have not been made: `lava_scheduler_app.0056_testjob_queue_timeout`. */
      readonly first: string;
    }
  | {
      readonly kind: 'no answer';
      /** Address and port. */
      readonly server: string;
      /** In PostgreSQL's words. */
      readonly reason: string;
    };

/**
 * Shell that puts read-only SQL to LAVA's database, through the login in lava-server's own settings; 60 ms.
 *
 * `parseDatabase` reads what it prints. Never hangs: each wait is limited, and so is the whole. Tables are compared
 * with what the queries read before any is put, so that a LAVA that keeps things elsewhere never seems to have none.
 */
export function databaseProbe(queries: Queries): string {
  const variants = Object.entries(queries).map(([name, query]) => [name, [query].flat()]);
  const text = JSON.stringify(JSON.stringify(Object.fromEntries(variants)));
  return probeOf(`ask(json.loads(${text}))`);
}

/** `databaseProbe` without a query, with ALLOWED_HOSTS as `parseAllowedHosts` reads it. */
export function serverProbe(): string {
  return probeOf('{**allowed(), **ask({})}');
}

function probeOf(expression: string): string {
  return `if [ -x /usr/bin/lava-server ]; then
  cd / || exit 1
  { ${printText(databaseProgram(`print(json.dumps(${expression}, default=str))`))}} |
    timeout -k 1 20 /usr/bin/python3 -I - || {
      status=$?
      [ "$status" -eq 124 ] || [ "$status" -eq 137 ] || exit "$status"
      echo '{"silent": "no answer within 20 s", "server": ""}'
    }
fi`;
}

/** Reads what `databaseProbe` printed. Throws `Refused` where LAVA has other tables than the queries can read. */
export function parseDatabase(output: string): MasterDatabase {
  if (output.trim() === '') return { kind: 'not installed' };
  const said: Printed = JSON.parse(output);
  if (said.unreadable !== undefined) {
    return { kind: 'unreadable settings', reason: said.unreadable };
  }
  if (said.silent !== undefined) {
    return { kind: 'no answer', server: said.server ?? '', reason: said.silent };
  }
  if (said.unapplied) {
    const [first = ''] = said.unapplied;
    return { kind: 'not migrated', missing: said.unapplied.length, first };
  }
  if (said.strange) throw strangeTables(said.strange, said.version);
  if (!said.rows) return { kind: 'no settings' };
  const { rows, version } = said;
  return { kind: 'answered', rows, ...(version !== undefined && { version }) };
}

/** The names by which lava-server lets itself be called, of what `serverProbe` printed; nothing where it has no settings. */
export function parseAllowedHosts(output: string): readonly string[] | undefined {
  if (output.trim() === '') return undefined;
  const { allowed }: Printed = JSON.parse(output);
  return Array.isArray(allowed) ? allowed.map(String) : undefined;
}

function strangeTables(strange: NonNullable<Printed['strange']>, version = ''): Refused {
  const lava = version === '' ? 'this LAVA' : `LAVA ${version}`;
  const each = Object.entries(strange).map(
    ([name, variants]) =>
      `${name} are read ${variants.map((lacks) => lacks.join(' and ')).join('; or ')}`,
  );
  return strangeLava(`${lava} does not have the tables that lava-play knows: ${each.join('. ')}`);
}

/** `databaseProbe` as a fact. Facts can be shown (`lava-play facts`), so secrets are asked by a resource instead. */
export function databaseFact(queries: Queries): Fact<MasterDatabase> {
  return { probe: databaseProbe(queries), parse: parseDatabase };
}

/** Why there are no rows, in a sentence; nothing when there are. */
export function troubleOf(state: Exclude<MasterDatabase, { readonly kind: 'answered' }>): string;
export function troubleOf(state: MasterDatabase): string | undefined;
export function troubleOf(state: MasterDatabase): string | undefined {
  switch (state.kind) {
    case 'answered':
      return undefined;
    case 'not installed':
      return 'lava-server is not installed yet';
    case 'no settings':
      return 'lava-server has no database settings yet';
    case 'unreadable settings':
      return `lava-server cannot read its settings: ${state.reason}`;
    case 'not migrated':
      return `the tables of LAVA are not up to date yet: ${state.missing === 1 ? 'a migration is' : `${state.missing} migrations are`} missing, first ${state.first}`;
    case 'no answer':
      return `the database${state.server && ` ${state.server}`} does not answer: ${state.reason}`;
  }
}

interface Printed {
  readonly allowed?: unknown;
  readonly unreadable?: string;
  readonly silent?: string;
  readonly server?: string;
  readonly unapplied?: readonly string[];
  /** By question, what each way of asking it lacks. */
  readonly strange?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly rows?: Readonly<Record<string, readonly Row[]>>;
  readonly version?: string;
}
