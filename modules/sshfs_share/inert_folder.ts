import { type Resource, restart, sh } from '../../engine/sdk.ts';
import { inertUnit, type Share } from '../../lab/share/share.ts';

/** How setuid and setgid bits and device nodes in a folder are taken. */
export type Power = 'honoured' | 'ignored';

/** Bits that workers set are worth nothing on the master: whatever is mounted on top at the folder says so. */
export function inertFolder(share: Share): Resource<Power> {
  const { folder } = share;
  return {
    id: `no setuid in ${folder}`,
    probe: [
      sh`at=$(readlink -f -- ${folder})`,
      'grep -F " $at " /proc/self/mountinfo | while read -r _ _ _ _ where options _; do',
      '  [ "$where" != "$at" ] || echo "$options"',
      'done | tail -n 1',
    ].join('\n'),
    parse: (output) => {
      const options = output.trim().split(',');
      return options.includes('nosuid') && options.includes('nodev') ? 'ignored' : 'honoured';
    },
    change: (now) =>
      now === 'ignored'
        ? undefined
        : {
            before: 'setuid and setgid bits: honoured\n',
            after: 'setuid and setgid bits: ignored\n',
            steps: [],
            onChange: [restart(inertUnit(share))],
          },
  };
}
