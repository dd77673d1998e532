import { printText, type Step, sh } from '../../engine/sdk.ts';

/** The account that lava-server's own daemon and its logs belong to. */
export const ACCOUNT = 'lavaserver';

/** What a Django snippet may rely on beside its input. */
export interface DjangoOptions {
  /** `one` unless set: all of the snippet happens, or nothing. `own` for what begins its own transactions. */
  readonly transaction?: 'one' | 'own';
}

/**
 * A step that runs Python inside lava-server's Django, as its own account; `input` is there as `given`.
 *
 * Django takes a second to start, so one step should carry all that belongs together. Snippet and input travel on
 * standard input: no secret is an argument of any process. `raise SystemExit(75)` says "no longer as planned"; all
 * else that is raised fails the step with its first line, because the second may hold values (psycopg2's DETAIL).
 */
export function djangoStep(
  title: string,
  python: string,
  input: unknown,
  options: DjangoOptions = {},
): Step {
  return { title, script: djangoScript(python, input, options) };
}

/** The shell of `djangoStep`, for scripts that have more to do. */
export function djangoScript(
  python: string,
  input: unknown,
  { transaction = 'one' }: DjangoOptions = {},
): string {
  const program = PROGRAM.replace('TRANSACTION', transaction)
    .replace('SNIPPET', () => base64(python))
    .replace('INPUT', () => base64(JSON.stringify(input)));
  return [
    'cd / || exit 1',
    `{ ${printText(program)}} | ${sh`runuser -u ${ACCOUNT} -- /usr/bin/python3 -I -`}`,
  ].join('\n');
}

/** Without a limit of its own, a database host that drops packets would hold a step for minutes (libpq, PGCONNECT_TIMEOUT). */
const PROGRAM = `import base64, contextlib, json, os, sys, traceback
os.environ["DJANGO_SETTINGS_MODULE"] = "lava_server.settings.prod"
os.environ["PGCONNECT_TIMEOUT"] = "10"
given = json.loads(base64.b64decode("INPUT"))
try:
    import django
    django.setup()
    from django.db import transaction
    with transaction.atomic() if "TRANSACTION" == "one" else contextlib.nullcontext():
        exec(compile(base64.b64decode("SNIPPET"), "snippet", "exec"), {"given": given})
except Exception as error:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "snippet"]
    place = "line %d of the snippet: " % lines[-1] if lines else ""
    words = str(error).strip().split("\\n")[0]
    sys.exit("%s%s: %s" % (place, type(error).__name__, words))
`;

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
