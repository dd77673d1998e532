import { type Fact, printText } from '../../engine/module.ts';

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
 * `parseDatabase` reads what it prints. Never hangs: each wait is limited, and so is the whole.
 */
export function databaseProbe(queries: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(JSON.stringify(queries));
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

/** Reads what `databaseProbe` printed. */
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

/** `databaseProbe` as a fact. Facts can be shown (`lava-play facts`), so secrets are asked by a resource instead. */
export function databaseFact(queries: Readonly<Record<string, string>>): Fact<MasterDatabase> {
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
  readonly rows?: Readonly<Record<string, readonly Row[]>>;
  readonly version?: string;
}

/**
 * Settings in the order of `lava_server/settings/prod.py` (2023.01), without the 0.2 s that importing it takes.
 *
 * The tables are up to date when each migration that the programs bring is in `django_migrations`, as for Django's
 * own `migrate --check`, which takes 1.5 s. Python is there, because lava-server is made of it.
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
    later = settings()
    return later["DATABASES"]["default"] if "DATABASES" in later else found
def connect(db):
    account = pwd.getpwnam("lavaserver")
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.environ["HOME"] = account.pw_dir
    words = {"dbname": db.get("NAME"), "user": db.get("USER"), "password": db.get("PASSWORD"),
        "host": db.get("HOST"), "port": db.get("PORT"), "connect_timeout": 5, "tcp_user_timeout": 5000,
        "application_name": "lava-play"}
    words.update({k: v for k, v in db.get("OPTIONS", {}).items() if k != "isolation_level"})
    words["options"] = words.get("options", "") + " -c default_transaction_read_only=on -c statement_timeout=5000"
    return psycopg2.connect(**{k: v for k, v in words.items() if v not in (None, "")})
def unapplied(cursor):
    cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
    made = set()
    if cursor.fetchone()[0]:
        cursor.execute("SELECT app, name FROM django_migrations")
        made = set(cursor.fetchall())
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
def ask(queries):
    try:
        db = database()
    except Unreadable as error:
        return {"unreadable": str(error)}
    if db is None:
        return {}
    try:
        cursor = connect(db).cursor()
        missing = unapplied(cursor)
        if missing:
            return {"unapplied": missing}
        rows = {}
        for name, query in queries.items():
            cursor.execute(query)
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
`;
