import { expect, test } from 'vitest';
import { chooseProxy, parseAptConfig, parseTargets, sourcesList } from './debian_archive.ts';
import type { DebianRelease } from './debian_release.ts';
import { wantedInstances } from './inotify.ts';
import { overlaps, parseNetworks } from './network.ts';

const SOURCES = `http://mirror.invalid/debian/ bookworm main Debian bookworm
http://mirror.invalid/debian/ bookworm-updates main Debian bookworm-updates
https://mirror.invalid/debian-security/ bookworm-security main Debian bookworm-security
http://mirror.invalid/debian/ bookworm main Debian bookworm
http://mirror.invalid/debian/ bookworm-backports main Debian bookworm-backports
https://vendor.invalid/ bookworm main Vendor bookworm
cdrom://Debian/ bookworm main Debian bookworm
`;

test('only Debian itself in the wanted release is taken from the sources of the machine', () => {
  const trixie = 'http://other.invalid/debian/ testing main Debian trixie\n';
  expect(partsOf(12, `${SOURCES}${trixie}`)).toEqual([
    'http://mirror.invalid/debian/ bookworm',
    'http://mirror.invalid/debian/ bookworm-updates',
    'https://mirror.invalid/debian-security/ bookworm-security',
  ]);
  expect(partsOf(13, `${SOURCES}${trixie}`)).toEqual(['http://other.invalid/debian/ testing']);
});

test('a release that the machine does not use is where it finds its own', () => {
  expect(partsOf(13, SOURCES)).toEqual([
    'http://mirror.invalid/debian/ trixie',
    'http://mirror.invalid/debian/ trixie-updates',
    'https://mirror.invalid/debian-security/ trixie-security',
  ]);
  expect(partsOf(12, 'http://mirror.invalid/debian/ stable main Debian trixie')).toEqual([
    'http://mirror.invalid/debian/ bookworm',
  ]);
});

test('a machine of another Debian says nothing of where the lab could take its packages', () => {
  expect(parseTargets('http://mirror.invalid/debian/ sid main Debian sid\n')).toBeUndefined();
});

test('the hosts ask for an https mirror over http', () => {
  const parts = [{ uri: 'https://mirror.invalid/debian/', release: 'bookworm', component: 'main' }];

  expect(sourcesList(parts)).toBe('deb http://mirror.invalid/debian/ bookworm main\n');
  expect(sourcesList(parts, { keyring: '/k.gpg' })).toContain('deb [signed-by=/k.gpg] http://');
});

test.each([
  ['the general proxy', 'Acquire::http::Proxy "http://p:1";', 'http://p:1'],
  ["the host's own before the general one", proxyLines('http://own:1'), 'http://own:1'],
  ['none when the host is excepted', proxyLines('DIRECT'), undefined],
  ["the environment's when apt sets none", 'Acquire "";', 'http://env:1'],
])('the proxy of an http mirror is %s', (_, dump, expected) => {
  const settings = parseAptConfig(dump);

  const chosen = chooseProxy({
    settings,
    hostname: 'mirror.invalid',
    secure: false,
    env: { http_proxy: 'http://env:1' },
  });

  expect(chosen).toBe(expected);
});

test('an https mirror has its own proxy, or that of http', () => {
  const both = 'Acquire::http::Proxy "http://p:1";\nAcquire::https::Proxy "http://s:1";\n';
  const httpOnly = 'Acquire::http::Proxy "http://p:1";\n';
  const choose = (dump: string): string | undefined => {
    const settings = parseAptConfig(dump);
    return chooseProxy({ settings, hostname: 'mirror.invalid', secure: true, env: {} });
  };

  expect(choose(both)).toBe('http://s:1');
  expect(choose(httpOnly)).toBe('http://p:1');
});

test.each([
  ['10.213.77.0/24 dev eth0 proto kernel', true],
  ['10.0.0.0/8 via 192.0.2.1 dev tun0', true],
  ['inet 10.213.77.130/25 brd 10.213.77.255', true],
  ['10.213.77.9 via 192.0.2.1 dev eth0', true],
  ['10.213.78.0/24 dev eth0', false],
  ['default via 192.0.2.1 dev eth0', false],
  ['0.0.0.0/0 via 192.0.2.1 dev eth0', false],
])('whether the machine uses 10.213.77.0/24 when ip says: %s', (line, expected) => {
  const taken = parseNetworks(line).some((network) => overlaps(network, '10.213.77.0'));

  expect(taken).toBe(expected);
});

test.each([
  ['plenty', { limit: 1024, used: 40, hosts: 4 }, undefined],
  ['what Debian has, and one lab', { limit: 128, used: 10, hosts: 4 }, undefined],
  ['what Debian has, and a second lab', { limit: 128, used: 40, hosts: 4 }, 1024],
  ['many labs', { limit: 1024, used: 800, hosts: 20 }, 2304],
])('inotify instances: %s', (_, given, wanted) => {
  expect(wantedInstances(given)).toBe(wanted);
});

function partsOf(release: DebianRelease, targets: string): readonly string[] | undefined {
  return parseTargets(targets)?.[release].map((part) => `${part.uri} ${part.release}`);
}

function proxyLines(own: string): string {
  return `Acquire::http::Proxy "http://p:1";\nAcquire::http::Proxy::mirror.invalid "${own}";\n`;
}
