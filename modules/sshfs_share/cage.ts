import { daemonReload, file, type Resource, restart, unit } from '../../engine/sdk.ts';
import { cageUnit, inertUnit, type Share } from '../../lab/share/share.ts';
import { cageUnitText, inertUnitText } from '../../lab/share/share_text.ts';
import { inertFolder } from './inert_folder.ts';
import { folderInCage } from './shared_folder.ts';

/** Where the workers' accounts see the folder and nothing else, and where nothing in it has power. */
export function cage(share: Share): readonly Resource[] {
  return [
    file({
      path: `/etc/systemd/system/${inertUnit(share)}`,
      content: inertUnitText(share),
      onChange: [daemonReload()],
    }),
    unit({ name: inertUnit(share), enabled: true }),
    inertFolder(share),
    file({
      path: `/etc/systemd/system/${cageUnit(share)}`,
      content: cageUnitText(share),
      onChange: [daemonReload(), restart(cageUnit(share))],
    }),
    unit({ name: cageUnit(share), enabled: true }),
    folderInCage(share),
  ];
}
