import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnLab } from '../booted/describe_on_lab.ts';
import { inventoryText } from '../booted/inventory.ts';
import {
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  readHostFile,
  resetHost,
} from '../booted/lab.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType, type ProgramResult } from '../support/program.ts';
import { masterPlays } from './master_plays.ts';

/** A folder of LAVA's packages under another version, signed by the key `lab`; `stranger` signs nothing. */
const repository = (version: string): string => `set -eu
version=${version}
export DEBIAN_FRONTEND=noninteractive GNUPGHOME=/srv/lava-keys
apt-get update -q
apt-get install -y -q --no-install-recommends gnupg apt-utils
mkdir -p /srv/lava-packages /srv/lava-taken
cd /srv/lava-taken
if ! [ -e done ]; then
  apt-get -q -o APT::Sandbox::User=root download lava-server=2023.01-2 lava-common=2023.01-2 lava-server-doc=2023.01-2
  touch done
fi
for deb in *.deb; do
  rm -rf again
  dpkg-deb -R "$deb" again
  sed -i "s/^Version: .*/Version: $version-1/; s/(= [^)]*)/(= $version-1)/g" again/DEBIAN/control
  v=again/usr/lib/python3/dist-packages/lava_common/VERSION
  if [ -e "$v" ]; then echo "$version" >"$v"; fi
  dpkg-deb -Zgzip -z1 -b again "/srv/lava-packages/\${deb%%_*}_$version-1_all.deb"
done
cd /srv/lava-packages
mkdir -p -m 0700 "$GNUPGHOME"
for who in lab stranger; do
  [ -e "$who.asc" ] && continue
  gpg -q --batch --pinentry-mode loopback --passphrase '' --quick-generate-key "$who" rsa2048 sign never
  gpg -q --armor --export "$who" >"$who.asc"
done
apt-ftparchive packages . >Packages
apt-ftparchive release . >Release
rm -f InRelease
gpg -q --batch --local-user lab --clearsign -o InRelease Release
`;

describeOnLab('the source of LAVA on a real master', () => {
  let database: LabHost;
  let master: LabHost;
  let folder: string;

  beforeAll(async () => {
    [database, master] = [hostFor('database'), hostFor('master')];
    for (const { name } of [database, master]) await resetHost(name, { debian: 12 });
    folder = dirname(labAccess().inventoryFile);
    mkdirSync(folder, { recursive: true });
    await publish('2023.02');
  });

  afterAll(async () => {
    for (const { name, debian } of [database, master]) {
      if (debian !== 12) await resetHost(name, { debian });
    }
  });

  test('that is signed by another key than the one given is not trusted, and told as that', async () => {
    const { code, events } = await apply('stranger');
    expect(code).toBe(1);
    const [failed] = ofType(events, 'host-failed');
    expect(JSON.stringify(failed)).toMatch(
      /the key given for file:\/srv\/lava-packages .* does not sign it/,
    );
    expect(await installed()).toBe('');
  });

  foundation('gives the LAVA that it has, from its own packages', async () => {
    const { code, said } = await apply('lab');
    expect(code, said).toBe(0);
    expect(await installed()).toBe('2023.02-1');
    const again = await apply('lab');
    expect(ofType(again.events, 'host-finished').map(({ summary }) => summary.outcome)).toEqual(
      Array(2).fill('unchanged'),
    );
  });

  test('gives a newer one when the lab asks for it, and the packages before are kept', async () => {
    await publish('2023.03');
    const { code, said } = await apply('lab', '2023.03');
    expect(code, said).toBe(0);
    expect(await installed()).toBe('2023.03-1');
    const { stdout } = await labExec(master.name, 'ls /var/lib/lava-play/packages/2023.02-1');
    expect(stdout.split('\n')).toContain('lava-server_2023.02-1_all.deb');
  });

  test('takes no master back to an older one', async () => {
    const { code, said } = await apply('lab', '2023.02');
    expect(code).toBe(1);
    expect(said).toContain('its database would be too new for that');
    expect(await installed()).toBe('2023.03-1');
  });

  async function publish(version: string): Promise<void> {
    const { code, stderr } = await labExec(master.name, repository(version));
    expect(code, stderr).toBe(0);
    await labExec(master.name, 'rm -rf /var/lib/apt/lists/*_srv_*');
  }

  async function installed(): Promise<string> {
    const { stdout } = await labExec(
      master.name,
      `dpkg-query --show --showformat='\${Version}' lava-server 2>/dev/null || :`,
    );
    return stdout;
  }

  async function apply(
    key: string,
    version?: string,
  ): Promise<
    Pick<ProgramResult, 'code'> & {
      readonly events: ReturnType<typeof eventsOf>;
      readonly said: string;
    }
  > {
    const inventory = join(folder, 'source.yaml');
    const playbook = join(folder, 'source_playbook.yaml');
    writeFileSync(
      inventory,
      inventoryText([database, master]).replace('layout: instance', 'layout: debian'),
    );
    const source = {
      uri: 'file:/srv/lava-packages',
      suites: ['./'],
      key: await readHostFile(master.name, `/srv/lava-packages/${key}.asc`),
    };
    writeFileSync(playbook, masterPlays({ source, ...(version !== undefined && { version }) }));
    const { code, stdout, stderr } = await lavaPlay([
      'apply',
      inventory,
      '-p',
      playbook,
      '--yes',
      '--json',
    ]);
    return { code, events: eventsOf(stdout), said: stdout + stderr };
  }
});

function hostFor(role: LabHost['role']): LabHost {
  const host = labHosts().find((each) => each.role === role);
  if (!host) throw new Error(`the lab has no host for ${role}`);
  return host;
}
