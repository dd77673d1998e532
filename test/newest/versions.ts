import type { DebianRelease } from '../booted/debian_release.ts';

/** Programs whose versions docs/support.md names, by the heading of their column, and where a lab has them. */
export const PROGRAMS = [
  { name: 'LAVA', host: 'master', package: 'lava-server' },
  { name: 'PostgreSQL', host: 'db', package: 'postgresql' },
  { name: 'ser2net', host: 'worker01', package: 'ser2net' },
  { name: 'OpenSSH', host: 'worker01', package: 'openssh-server' },
] as const;

type ProgramName = (typeof PROGRAMS)[number]['name'];

/** A version of each program. */
export type Versions = Readonly<Record<ProgramName, string>>;

/** The versions that docs/support.md names for hosts of a release; throws where it has no such row. */
export function documentedVersions(page: string, debian: DebianRelease): Versions {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const heading = rows.find((cells) => cells.includes('PostgreSQL'));
  const row = rows.find((cells) => cells[1] === `Debian ${debian}`);
  const cell = (name: ProgramName): string => {
    const version = row?.[heading?.indexOf(name) ?? -1];
    if (version === undefined || version === '') {
      throw new Error(`docs/support.md names no ${name} for Debian ${debian}`);
    }
    return version;
  };
  return Object.fromEntries(PROGRAMS.map(({ name }) => [name, cell(name)])) as Versions;
}

/** What apt-cache(8) policy says is installed, else what would be; undefined where apt knows no such package. */
export function versionIn(policy: string): string | undefined {
  const [installed, candidate] = ['Installed', 'Candidate'].map(
    (word) => new RegExp(`^ *${word}: (?!\\(none\\))(?:\\d+:)?(\\S+)$`, 'm').exec(policy)?.[1],
  );
  return installed ?? candidate;
}

/** Whether a package's version is of the series that the page names: 4.6.4-1 of 4.6. */
export function isOf(version: string, series: string): boolean {
  return version.startsWith(series) && !/^\d/.test(version.slice(series.length));
}

/** What was seen beside what the page names, a line for each program. */
export function compareVersions(
  debian: DebianRelease,
  { seen, named }: { readonly seen: Partial<Versions>; readonly named: Versions },
): readonly string[] {
  return PROGRAMS.map(({ name }) => {
    const version = seen[name];
    const words =
      version === undefined
        ? 'not seen'
        : `${version}${isOf(version, named[name]) ? '' : ', NOT the series that was tested'}`;
    return `Debian ${debian}  ${name.padEnd(10)}  docs/support.md: ${named[name].padEnd(8)}  seen: ${words}`;
  });
}
