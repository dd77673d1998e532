/** What a task says of a request. */
interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly url_username?: string;
  readonly url_password?: string;
  readonly timeout: number;
}

/** The options of curl(1), as it reads them from a file: `curl --config -`. */
export function curlConfig(request: Request): string {
  const { url, headers, timeout, url_username: name, url_password: password = '' } = request;
  return [
    'fail\nsilent\nshow-error\nlocation\ngloboff\nproto = "=http,https,ftp"',
    `connect-timeout = ${timeout}\nspeed-time = ${timeout}\nspeed-limit = 1`,
    `url = ${quoted(url)}`,
    ...Object.entries(headers).map(([key, value]) => `header = ${quoted(`${key}: ${value}`)}`),
    ...(name === undefined ? [] : [`user = ${quoted(`${name}:${password}`)}`]),
    '',
  ].join('\n');
}

/** A URL as it may be shown. */
export function withoutLogin(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1********@').replace(/\?.*/, '?…');
}

/** A line break would start another option. */
function quoted(text: string): string {
  return `"${text.replace(/[\r\n]/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}
