/** Python in which `ask({})` gives what `parseDatabase` reads, and that goes on with `rest`. */
export function databaseProgram(rest: string): string {
  return `${PROGRAM}${rest}\n`;
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
    tables = sorted({table for variants in queries.values() for variant in variants for table in variant["reads"]})
    cursor.execute("SELECT t, attname FROM unnest(%s::text[]) t JOIN pg_attribute ON attrelid = to_regclass(t) "
        "WHERE attnum > 0 AND NOT attisdropped", (tables,))
    known = {}
    for table, column in cursor:
        known.setdefault(table, set()).add(column)
    chosen, strange = {}, {}
    for name, variants in queries.items():
        lacks = [lacking(variant, known, made) for variant in variants]
        if [] in lacks:
            chosen[name] = variants[lacks.index([])]["sql"]
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
