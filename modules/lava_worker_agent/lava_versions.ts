import { type Fact, type LabFact, LISTS_ARE_FRESH, sh } from '../../engine/sdk.ts';

/** Which LAVA a host has, and which it could have. */
export interface Programs {
  /** The version that the installed programs say of themselves, and by which the master judges a worker. */
  readonly version: string | undefined;
  /** Versions of the package that apt offers, newest first, as dpkg writes them: `2023.01-2`. */
  readonly offered: readonly string[];
  /** Whether the package itself is there: a master has the programs of a worker but for that. */
  readonly isInstalled: boolean;
  /** Whether apt has read its lists within a day, and since a source was added. */
  readonly isFresh: boolean;
}

/** The dispatcher of this host. */
export const dispatcherPrograms: Fact<Programs> = {
  probe: programsProbe('lava-dispatcher'),
  parse: parsePrograms,
};

/** The server of the master. */
export const serverPrograms: LabFact<Programs> = {
  of: 'master',
  probe: programsProbe('lava-server'),
  parse: parsePrograms,
};

/** `2023.01-2+deb12u1` and `1:2023.01+11+bookworm` are both made of LAVA `2023.01`. */
export function upstreamOf(version: string): string {
  return version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[+~].*$/, '');
}

/** What runs here, else what would be installed. */
export function versionOf({ version, offered: [newest] }: Programs): string | undefined {
  return version ?? (newest === undefined ? undefined : upstreamOf(newest));
}

/**
 * `lava-worker` sends the text of lava-common's file VERSION with each ping, and the master compares it with that
 * of its own (lava_common/version.py, lava_scheduler_app/views.py, 2023.01).
 */
function programsProbe(name: string): string {
  return [
    'v=/usr/lib/python3/dist-packages/lava_common/VERSION',
    `if [ -r "$v" ]; then printf 'version %s\\n' "$(cat "$v")"; fi`,
    sh`dpkg-query --show --showformat='\${Status}\\n' ${name} 2>/dev/null | grep -x 'install ok installed'`,
    sh`apt-cache madison ${name} 2>/dev/null | sed -n 's/^ *[^ |]* *| *\\([^ |]*\\) *|.* Packages$/offered \\1/p'`,
    `if ${LISTS_ARE_FRESH}; then echo fresh; fi`,
  ].join('\n');
}

function parsePrograms(output: string): Programs {
  const lines = output.split('\n');
  const after = (word: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  return {
    version: after('version')[0],
    offered: [...new Set(after('offered'))],
    isInstalled: lines.includes('install ok installed'),
    isFresh: lines.includes('fresh'),
  };
}
