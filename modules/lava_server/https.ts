import {
  directory,
  file,
  type HostView,
  maskAfter,
  Pending,
  pkg,
  Refused,
  type Resource,
  unbracketed,
} from '../../engine/sdk.ts';
import { HTTPS, type MasterTls } from '../../lab/https/authority.ts';
import { certificatesIn } from '../../lab/https/certificates.ts';
import { endingSoon, type Given, refuseUnfit } from '../../lab/https/given_certificate.ts';
import { trusted } from '../../lab/https/trust.ts';
import { isAuthorityRight, ownCertificate } from './own_certificate.ts';
import type { OwnSettings } from './own_settings.ts';
import { restartApache } from './restart_apache.ts';
import { allowedNames, namesOf, type Reach } from './settings_yaml.ts';

/** What is said of https in an inventory. */
type Wanted =
  | boolean
  | { readonly authority: 'lab'; readonly hsts?: number }
  | (Given & { readonly hsts?: number });

/** How people come to the master. */
export type Https =
  | { readonly kind: 'no' | 'elsewhere' }
  | {
      readonly kind: 'here';
      /** By which the master is called. */
      readonly name: string;
      /** All for which its certificate is good. */
      readonly names: readonly string[];
      /** Seconds; 0 for none. */
      readonly hsts: number;
      /** A certificate of the inventory; one that the lab makes itself unless set. */
      readonly given?: Given;
    };

/** What a certificate can be for: a name, or an address. */
const NAMEABLE = /^([\w-]+(\.[\w-]+)*|[0-9a-f]*:[0-9a-f:.]+)$/i;

/** 30 days: long enough for those who come often, and short enough for a lab that goes back to http. */
const HSTS = 2_592_000;

/** The arguments of the module that say how people come to the master. */
interface ComingArgs {
  readonly https: Wanted;
  readonly url?: string;
  readonly allowed_hosts: readonly string[];
  readonly settings: OwnSettings;
}

/** How the master is reached, as the arguments have it. */
export function reachOf({ allowed_hosts: allowedHosts, settings, url }: ComingArgs) {
  return { allowedHosts, settings, url };
}

/** What follows from the inventory alone. */
export function httpsOf(args: ComingArgs, host: HostView): Https {
  const { https: wanted } = args;
  const reach = reachOf(args);
  if (typeof wanted === 'boolean') return { kind: wanted ? 'elsewhere' : 'no' };
  const name = reach.url === undefined ? host.address : unbracketed(new URL(reach.url).hostname);
  const port = reach.url === undefined ? '' : new URL(reach.url).port;
  if (port !== '') {
    throw new Refused(
      `lava.master_url names port ${port}, and lava.https serves LAVA on port 443`,
      'leave the port out, or set lava.https: true and keep a site of your own on that port',
    );
  }
  const { hsts = HSTS } = wanted;
  if ('authority' in wanted) {
    return { kind: 'here', name, names: certifiedNames(host, reach), hsts };
  }
  const [own] = certificatesIn(wanted.certificate);
  return { kind: 'here', name, names: own?.names ?? [], hsts, given: wanted };
}

/** The names for which the lab certifies its master: those by which it may be called, but for patterns. */
function certifiedNames(host: HostView, reach: Omit<Reach, 'https'>): readonly string[] {
  const names = namesOf(host, allowedNames(reach)).map(unbracketed);
  return [...new Set(names)].filter((name) => NAMEABLE.test(name));
}

/** The certificate of the master, and that the master itself trusts who has signed it. */
export function certificateOf(
  https: Https,
  master: string,
  tls: MasterTls,
): {
  readonly resources: readonly Resource[];
  /** What comes when the authority is there; undefined when that has to be made first. */
  readonly trust: readonly Resource[] | undefined;
} {
  if (https.kind !== 'here') return { resources: [], trust: [] };
  const folders = [
    directory({ path: '/etc/lava-play' }),
    directory({ path: HTTPS.folder, mode: '0700' }),
  ];
  const { given, names, name } = https;
  if (given === undefined) {
    const all = { master, names, onChange: [restartApache] };
    return {
      resources: [pkg({ name: 'openssl' }), ...folders, ownCertificate(all)],
      trust: isAuthorityRight(tls, names) ? trusted(tls.authority.text) : undefined,
    };
  }
  refuseUnfit(given, { name, now: tls.now });
  return {
    resources: [...folders, ...givenFiles(given, tls.now)],
    trust: given.ca === undefined ? [] : trusted(given.ca),
  };
}

/** All that a master is made of, with what waits for the authority. */
export function withTrust(
  { trust }: Pick<ReturnType<typeof certificateOf>, 'trust'>,
  resources: readonly Resource[],
): readonly Resource[] {
  if (trust === undefined) {
    throw new Pending('the master has to make the authority of the lab first', resources);
  }
  return [...resources, ...trust];
}

function givenFiles(given: Given, now: number): readonly Resource[] {
  const onChange = [restartApache];
  return [
    file({
      path: HTTPS.key,
      content: asFile(given.key),
      mode: '0600',
      mask: maskAfter(/^(?!-----)(.+)$/m),
      onChange,
    }),
    {
      ...file({ path: HTTPS.certificate, content: asFile(given.certificate), onChange }),
      warnings: () => endingSoon(given, now),
    },
  ];
}

/** A secret comes without the end of its last line. */
function asFile(text: string): string {
  return `${text.trim()}\n`;
}
