import { type DebianRelease, RELEASES, SUITES } from './debian_release.ts';
import { LabUnavailable } from './errors.ts';
import { run, runOk } from './run_command.ts';

/** One part of the Debian archive, as this machine's own apt reaches it. */
export interface ArchivePart {
  /** `http` or `https`. */
  readonly uri: string;
  readonly release: string;
  readonly component: string;
}

/** The parts of the archive that the hosts of a release take their packages from. */
export type ArchiveParts = Readonly<Record<DebianRelease, readonly ArchivePart[]>>;

/** How this machine's apt reaches the outside. */
export interface AptAccess {
  readonly parts: ArchiveParts;
  /** For each host name of the archive the proxy to go through, where there is one. */
  readonly proxies: Readonly<Record<string, string>>;
  /** Certificates to trust besides the system's, in PEM. */
  readonly caFile?: string | undefined;
}

/** The servers of the archive, by the host names that clients ask for. */
export function archiveOrigins({
  parts,
}: AptAccess): readonly { readonly host: string; readonly secure: boolean }[] {
  return Object.values(parts)
    .flat()
    .map(({ uri }) => new URL(uri))
    .map(({ host, protocol }) => ({ host, secure: protocol === 'https:' }));
}

/**
 * Learns from this machine's apt where Debian is and how it is reached.
 *
 * apt knows a repository's origin only after an update, so one is made where the lists are empty.
 */
export async function readAptAccess(): Promise<AptAccess> {
  const first = await run(listTargets).catch(() => undefined);
  if (first?.code !== 0) {
    throw new LabUnavailable('this machine has no apt that could say where Debian is found');
  }
  let parts = parseTargets(first.stdout);
  if (parts === undefined) {
    await run(['apt-get', 'update', '-q'], { timeoutMs: 300_000 });
    parts = parseTargets(await runOk(listTargets));
  }
  if (parts === undefined) {
    throw new LabUnavailable(
      `this machine's apt reaches no Debian ${RELEASES.join(' or ')} over http or https, and the lab takes its mirror from there`,
    );
  }
  const settings = parseAptConfig(await runOk(['apt-config', 'dump']));
  const proxies: Record<string, string> = {};
  for (const { uri } of Object.values(parts).flat()) {
    const { hostname, protocol } = new URL(uri);
    const proxy = chooseProxy({ settings, hostname, secure: protocol === 'https:' });
    if (proxy) proxies[hostname] = proxy;
  }
  return { parts, proxies, caFile: settings.get('acquire::https::cainfo') };
}

const listTargets = [
  'apt-get',
  'indextargets',
  '--format',
  '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN) $(CODENAME)',
  'Created-By: Packages',
] as const;

/**
 * Keeps the lines of `apt-get indextargets` that are Debian itself.
 *
 * A release that this machine does not use is taken from where it finds its own, as a mirror has all of them.
 */
export function parseTargets(output: string): ArchiveParts | undefined {
  const used = RELEASES.find((release) => partsOf(release, output).length > 0);
  if (used === undefined) return undefined;
  const parts = (wanted: DebianRelease): readonly ArchivePart[] => {
    const own = partsOf(wanted, output);
    if (own.length > 0) return own.map(({ codename, ...part }) => part);
    return partsOf(used, output).map(({ codename, ...part }) => {
      return { ...part, release: codename.replace(SUITES[used], SUITES[wanted]) };
    });
  };
  return { 12: parts(12), 13: parts(13) };
}

function partsOf(
  release: DebianRelease,
  output: string,
): readonly (ArchivePart & { readonly codename: string })[] {
  const suite = SUITES[release];
  const parts = new Map<string, ArchivePart & { readonly codename: string }>();
  for (const line of output.split('\n')) {
    const [uri = '', release = '', component = '', origin, codename = ''] = line.split(' ');
    if (!/^https?:\/\//.test(uri) || origin !== 'Debian') continue;
    if (![suite, `${suite}-updates`, `${suite}-security`].includes(codename)) continue;
    parts.set(`${uri} ${release} ${component}`, { uri, release, component, codename });
  }
  return [...parts.values()];
}

/** Reads `apt-config dump`; names in lower case, since apt ignores case. */
export function parseAptConfig(dump: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [, name = '', value = ''] of dump.matchAll(/^(\S+) "(.*)";$/gm)) {
    if (value !== '') settings.set(name.toLowerCase(), value);
  }
  return settings;
}

/** The proxy apt would use: a host's own setting, the general one, then the environment's (apt-transport-http(1)). */
export function chooseProxy({
  settings,
  hostname,
  secure,
  env = process.env,
}: {
  readonly settings: ReadonlyMap<string, string>;
  readonly hostname: string;
  readonly secure: boolean;
  readonly env?: NodeJS.ProcessEnv;
}): string | undefined {
  const methods = secure ? ['https', 'http'] : ['http'];
  const named = methods.flatMap((method) => [
    settings.get(`acquire::${method}::proxy::${hostname.toLowerCase()}`),
    settings.get(`acquire::${method}::proxy`),
  ]);
  const configured = named.find((value) => value !== undefined);
  const chosen = configured ?? (secure ? env.https_proxy : env.http_proxy);
  return chosen === undefined || chosen === '' || chosen === 'DIRECT' ? undefined : chosen;
}

/**
 * The hosts' sources.list: https becomes http, because the lab's proxy does the TLS.
 *
 * `keyring` is for mmdebstrap, which runs outside; a host has the archive's keys installed.
 */
export function sourcesList(
  parts: readonly ArchivePart[],
  { keyring }: { readonly keyring?: string } = {},
): string {
  const option = keyring ? `[signed-by=${keyring}] ` : '';
  return parts
    .map(({ uri, release, component }) => {
      return `deb ${option}${uri.replace(/^https:/, 'http:')} ${release} ${component}\n`;
    })
    .join('');
}
