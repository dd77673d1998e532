import { Refused, type Resource } from '../../engine/sdk.ts';
import { lavaPackages } from '../../lab/packages/install.ts';
import { leftBehind } from '../../lab/packages/outlook.ts';
import { inVersion, isAt, isOlder, offeredAs, type Programs } from '../../lab/packages/programs.ts';

/**
 * lava-server and the web server before it, in the wanted version, else the newest where there is none yet.
 *
 * Without recommends: 115 packages and no PostgreSQL, in place of 748. Where PostgreSQL runs on this host, the
 * package would make a role and a database "devel" with the password "devel" in it beside its own
 * (/usr/share/lava-server/postinst.py, 2023.01); its question whether there is a PostgreSQL is answered with no.
 */
export function programs(version: string | undefined, own: Programs): Resource {
  const packages = lavaPackages([...serverIn(version, own), 'apache2']);
  return {
    ...packages,
    warnings: () => (version === undefined ? leftBehind(own) : []),
    change(now) {
      const change = packages.change(now);
      if (!change) return undefined;
      const steps = change.steps.map((step) => ({
        ...step,
        script: `export PGHOST=/nonexistent\n${step.script}`,
      }));
      return { ...change, steps };
    },
  };
}

/** What LAVA's migrations have made of its tables they never unmake. */
export function refuseOlder(version: string | undefined, own: Programs): void {
  if (version === undefined || own.version === undefined || !own.isInstalled) return;
  if (!isOlder(version, own.version)) return;
  throw new Refused(
    `this master has LAVA ${own.version}, but lava.version is ${version}: its database would be too new for that`,
    'to go back, restore the database of that time, and the packages kept in /var/lib/lava-play/packages',
  );
}

function serverIn(version: string | undefined, own: Programs): readonly string[] {
  if (version === undefined || isAt(version, own)) return ['lava-server'];
  const match = offeredAs(version, own);
  if (match !== undefined) return inVersion('lava-server', match, own);
  throw new Refused(
    `lava.version is ${version}, but apt offers this host ${own.offered.join(', ') || 'none'}`,
    'set lava.source to a source that has it',
  );
}
