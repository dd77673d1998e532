import { printText } from '../../engine/sdk.ts';

/** A login as a browser makes it. */
export interface LoginAt {
  /** Where to connect to. */
  readonly address: string;
  /** As it stands in the URL. */
  readonly name: string;
  readonly user: string;
  /** Goes over the standard input of Python, and in no other way. */
  readonly password: string;
}

/** What came of it: statuses of HTTP, and who LAVA says has come. */
export interface Login {
  readonly page?: number;
  readonly login?: number;
  readonly cookie?: string;
  readonly secure?: string;
  readonly who?: string;
  /** Why there was no answer. */
  readonly silence?: string;
}

/** Shell that logs in by https, asks who has come, and logs out again. */
export function loginProbe(login: LoginAt): string {
  const given = Buffer.from(JSON.stringify(login)).toString('base64');
  return `{ ${printText(PROGRAM.replace('GIVEN', given))}} | /usr/bin/python3 -I -`;
}

/** Reads what `loginProbe` printed. */
export function readLogin(output: string): Login {
  try {
    return JSON.parse(output) as Login;
  } catch {
    return { silence: 'the master says nothing of it' };
  }
}

/** A name in the API is told to sessions as it is to tokens (lava_rest_app, 2023.01 and 2026.10). */
const PROGRAM = `import base64, http.client, http.cookies, json, socket, ssl, urllib.parse
given = json.loads(base64.b64decode("GIVEN"))
name = given["name"]
origin = "https://" + ("[%s]" % name if ":" in name else name)
context = ssl.create_default_context()
cookies = {}
secure = {}
def ask(method, path, form=None):
    plain = socket.create_connection((given["address"], 443), 40)
    connection = http.client.HTTPConnection(name, 443, timeout=40)
    connection.sock = context.wrap_socket(plain, server_hostname=name)
    headers = {"Host": origin[8:], "Connection": "close",
        "Cookie": "; ".join("%s=%s" % each for each in cookies.items())}
    body = None
    if form is not None:
        body = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": cookies.get("csrftoken", "")})
        headers.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": origin,
            "Referer": origin + "/accounts/login/"})
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    for line in answer.headers.get_all("Set-Cookie") or []:
        for key, morsel in http.cookies.SimpleCookie(line).items():
            cookies[key], secure[key] = morsel.value, bool(morsel["secure"])
    text = answer.read(2000000)
    connection.close()
    return answer.status, text
told = {}
try:
    told["page"], _ = ask("GET", "/accounts/login/")
    if told["page"] == 200:
        told["login"], _ = ask("POST", "/accounts/login/", {"username": given["user"], "password": given["password"]})
        told["cookie"] = "yes" if "sessionid" in cookies else "no"
        told["secure"] = "yes" if secure.get("sessionid") else "no"
        if "sessionid" in cookies:
            status, text = ask("GET", "/api/v0.2/system/whoami/")
            told["who"] = str(json.loads(text).get("user")) if status == 200 else ""
            ask("POST", "/accounts/logout/", {})
except (OSError, http.client.HTTPException, ValueError) as error:
    told["silence"] = " ".join(str(getattr(error, "verify_message", "") or error).split()) or type(error).__name__
print(json.dumps(told))
`;
