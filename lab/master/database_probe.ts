import { type Fact, printText, Refused } from '../../engine/sdk.ts';

/** One way of asking LAVA's database something, with what LAVA must have for it. */
export interface Query {
  /** The columns that it reads, with spaces between, by table. A LAVA without one of them is not asked. */
  readonly reads: Readonly<Record<string, string>>;
  readonly sql: string;
  /** The migration, such as `lava_scheduler_app.0071`, since which LAVA writes to another place than this table. */
  readonly until?: { readonly migration: string; readonly table: string };
}

/** Questions by name; of several ways of asking one, the first for which LAVA has the tables is taken. */
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
  /** A file of its settings is no YAML, or holds none: lava-server does not start with it. */
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
  const ways = Object.entries(queries).map(([name, query]) => [name, [query].flat()]);
  const text = JSON.stringify(JSON.stringify(Object.fromEntries(ways)));
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

/** Python in which `ask({})` gives what `databaseProbe` prints, and that goes on with `rest`. */
export function databaseProgram(rest: string): string {
  return `${PROGRAM}${rest}\n`;
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

/** LAVA says something that no LAVA known to lava-play says. */
export function strangeLava(what: string): Refused {
  return new Refused(
    what,
    'this lava-play knows LAVA 2023.01 to 2026.10: use one that knows this LAVA; until then nothing is changed in it',
  );
}

function strangeTables(strange: NonNullable<Printed['strange']>, version = ''): Refused {
  const lava = version === '' ? 'this LAVA' : `LAVA ${version}`;
  const each = Object.entries(strange).map(
    ([name, ways]) => `${name} are read ${ways.map((lacks) => lacks.join(' and ')).join('; or ')}`,
  );
  return strangeLava(`${lava} does not have the tables that lava-play knows: ${each.join('. ')}`);
}

/** `databaseProbe` as a fact. Facts can be shown (`lava-play facts`), so secrets are asked by a resource instead. */
export function databaseFact(queries: Queries): Fact<MasterDatabase> {
  return { probe: databaseProbe(queries), parse: parseDatabase };
}

/** Why there are no rows, in a sentence; nothing when there are. */
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
      return `the tables of LAVA are not as lava-server needs them yet: ${state.missing === 1 ? 'a migration is' : `${state.missing} migrations are`} missing, first ${state.first}`;
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

/**
 * Settings in the order of `lava_server/settings/prod.py` (2023.01), without the 0.2 s that importing it takes.
 *
 * The tables are up to date when each migration that the programs bring is in `django_migrations`, as for Django's
 * own `migrate --check`, which takes 1.5 s. Python is there, because lava-server is made of it.
 *
 * All is done as lavaserver, and with none of root's groups: the settings are its own, and what they say of the
 * database can make libpq load a program (`sslkey: "ENGINE:key"`).
 */
const PROGRAM = `import glob, json, os, pwd, re, sys
class Unreadable(Exception):
    pass
def settings():
    etc = "/etc/lava-server/"
    known = {}
    for path in [etc + "settings.conf", etc + "settings.yaml", *sorted(glob.glob(etc + "settings.d/*.yaml"))]:
        try:
            with open(path) as text:
                read = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except FileNotFoundError:
            continue
        except PermissionError:
            raise Unreadable(path + ": lavaserver may not read it")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise Unreadable("%s:%d: %s" % (path, mark.line + 1, error.problem or error.context))
        except (yaml.YAMLError, UnicodeDecodeError):
            raise Unreadable(path + ": not YAML")
        if not isinstance(read, dict):
            raise Unreadable(path + ": holds no settings")
        known.update(read)
    return known
def allowed():
    try:
        return {"allowed": settings().get("ALLOWED_HOSTS", ["[::1]", "127.0.0.1", "localhost"])}
    except Unreadable:
        return {}
def version():
    try:
        with open("/usr/lib/python3/dist-packages/lava_common/VERSION") as text:
            return {"version": text.read().strip()}
    except OSError:
        return {}
def database():
    known = {}
    try:
        with open("/etc/lava-server/instance.conf") as lines:
            for line in lines:
                match = re.match(r"^(LAVA_DB_\\w+)=['\\"]([^']*)['\\"]\\s*(?:#.*)?$", line)
                if match:
                    known[match[1]] = match[2]
        found = {"NAME": known.get("LAVA_DB_NAME", ""), "USER": known.get("LAVA_DB_USER", ""),
            "PASSWORD": known.get("LAVA_DB_PASSWORD", ""), "HOST": known.get("LAVA_DB_SERVER", "127.0.0.1"),
            "PORT": known.get("LAVA_DB_PORT", "5432")}
    except FileNotFoundError:
        found = None
    except PermissionError:
        raise Unreadable("/etc/lava-server/instance.conf: lavaserver may not read it")
    later = settings()
    return later["DATABASES"]["default"] if "DATABASES" in later else found
def become_lavaserver():
    try:
        account = pwd.getpwnam("lavaserver")
    except KeyError:
        return
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.environ["HOME"] = account.pw_dir
def connect(db):
    words = {"dbname": db.get("NAME"), "user": db.get("USER"), "password": db.get("PASSWORD"),
        "host": db.get("HOST"), "port": db.get("PORT"), "connect_timeout": 5, "tcp_user_timeout": 5000,
        "application_name": "lava-play"}
    words.update({k: v for k, v in db.get("OPTIONS", {}).items() if k != "isolation_level"})
    words["options"] = words.get("options", "") + " -c default_transaction_read_only=on -c statement_timeout=5000"
    return psycopg2.connect(**{k: v for k, v in words.items() if v not in (None, "")})
def migrations(cursor):
    cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return set()
    cursor.execute("SELECT app, name FROM django_migrations")
    return set(cursor.fetchall())
def unapplied(made):
    root = "/usr/lib/python3/dist-packages/"
    own = {path.split("/")[-2] for path in glob.glob(root + "l*/migrations") if re.match("lava_|linaro_", path[len(root):])}
    missing = []
    for app in sorted(own | {app for app, name in made}):
        for place in ("", "django/contrib/", "rest_framework/", "allauth/"):
            for path in sorted(glob.glob(root + place + app + "/migrations/[0-9A-Za-z]*.py")):
                name = os.path.basename(path)[:-3]
                if (app, name) not in made:
                    missing.append(app + "." + name)
    return missing
def lacking(way, known, made):
    words = []
    for table, columns in way["reads"].items():
        lost = [column for column in columns.split() if column not in known.get(table, ())]
        if table not in known:
            words.append("from the table %s (%s), which is not there" % (table, ", ".join(lost)))
        elif lost:
            words.append("from the table %s, which has no %s" % (table, ", ".join(lost)))
    if "until" in way:
        app, number = way["until"]["migration"].split(".")
        numbers = [each for its, name in made if its == app for each in re.findall(r"(?:^|_squashed_)(\\d{4})_", name)]
        if any(each >= number for each in numbers):
            words.append("from the table %(table)s, where LAVA puts them only before its migration %(migration)s" % way["until"])
    return words
def choose(cursor, queries, made):
    if not queries:
        return {}, {}
    tables = sorted({table for ways in queries.values() for way in ways for table in way["reads"]})
    cursor.execute("SELECT t, attname FROM unnest(%s::text[]) t JOIN pg_attribute ON attrelid = to_regclass(t) "
        "WHERE attnum > 0 AND NOT attisdropped", (tables,))
    known = {}
    for table, column in cursor:
        known.setdefault(table, set()).add(column)
    chosen, strange = {}, {}
    for name, ways in queries.items():
        lacks = [lacking(way, known, made) for way in ways]
        if [] in lacks:
            chosen[name] = ways[lacks.index([])]["sql"]
        else:
            strange[name] = lacks
    return chosen, strange
def ask(queries):
    try:
        db = database()
    except Unreadable as error:
        return {"unreadable": str(error)}
    if db is None:
        return {}
    try:
        cursor = connect(db).cursor()
        made = migrations(cursor)
        missing = unapplied(made)
        if missing:
            return {"unapplied": missing}
        chosen, strange = choose(cursor, queries, made)
        if strange:
            return {"strange": strange, **version()}
        rows = {}
        for name, query in chosen.items():
            try:
                cursor.execute(query)
            except (psycopg2.ProgrammingError, psycopg2.DataError) as error:
                words = str(error).strip().split("\\n")[0]
                return {"strange": {name: [["by SQL that PostgreSQL refuses: " + words]]}, **version()}
            rows[name] = [dict(zip([column[0] for column in cursor.description], row)) for row in cursor]
        return {"rows": rows, **version()}
    except psycopg2.OperationalError as error:
        line = str(error).strip().split("\\n")[0]
        line = re.sub(r'^connection to server (at|on socket) .*? failed: ', "", line)
        server = "%s:%s" % (db.get("HOST") or "on this host", db.get("PORT") or 5432)
        return {"silent": re.sub(r"^FATAL: +", "", line), "server": server}
try:
    import psycopg2, yaml
except ImportError:
    sys.exit()
become_lavaserver()
`;
