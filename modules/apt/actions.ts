import { action, PREPARE_APT, type Resource, sh, UPDATE_LISTS } from '../../engine/sdk.ts';

/** Reads the lists of apt, whatever their age. */
export function readLists(): Resource {
  return action({
    id: 'run apt-get update',
    script: `${UPDATE_LISTS}\nupdate_lists`,
    display: 'apt-get update',
  });
}

/** Upgrades all packages of the host. */
export function upgrade(kind: 'safe' | 'full', readFirst: boolean): Resource {
  const words = kind === 'full' ? ['dist-upgrade'] : ['upgrade', '--with-new-pkgs'];
  return aptAction(words, readFirst);
}

/** Removes what nothing needs any more, or files of packages from apt's own cache. */
export function tidy(
  verb: 'autoremove' | 'autoclean' | 'clean',
  { purge }: { readonly purge: boolean },
): Resource {
  return aptAction([verb, ...(purge && verb === 'autoremove' ? ['--purge'] : [])], false);
}

function aptAction(words: readonly string[], readFirst: boolean): Resource {
  const shown = `apt-get ${words.join(' ')}`;
  return action({
    id: `run ${shown}`,
    script: [
      PREPARE_APT,
      ...(readFirst ? [UPDATE_LISTS, 'update_lists || exit 1'] : []),
      sh`apt ${words}`,
    ].join('\n'),
    display: `${readFirst ? 'apt-get update\n' : ''}${shown}`,
    changed: ({ stdout }) =>
      words[0] !== 'clean' &&
      !/^0 upgraded, 0 newly installed, 0 to remove/m.test(stdout) &&
      (words[0] !== 'autoclean' || /^Del /m.test(stdout)),
  });
}
