import { type HostQuery, sh } from '../../../engine/sdk.ts';
import { type Instance, PREFIX } from '../instance_settings.ts';

/** Whether LAVA can write its results. Nothing is looked at below a mount: a dead one would hang, and a live one is the master's. */
export function media({ name, role }: Instance): Pick<HostQuery, 'probe' | 'judge'> {
  const folder = `${PREFIX}/${name}/var/lib/lava-server/media`;
  return {
    probe: [
      sh`media=${folder}`,
      'if grep -qF " $media " /proc/self/mounts; then echo mounted; exit 0; fi',
      `for path in "$media" "$media/job-output" "$media/lava-logs"; do`,
      `  [ ! -d "$path" ] || stat -c '%a %U %G %n' "$path"`,
      'done',
    ].join('\n'),
    judge: (output) =>
      [...output.matchAll(/^(\d+) (\S+) (\S+) (\/.+)$/gm)]
        .filter(([, mode = '']) => (Number.parseInt(mode, 8) & 0o020) === 0)
        .filter(() => role === 'master')
        .map(([, mode = '', owner, group, path = '']) => ({
          severity: 'problem',
          what: "LAVA's account cannot write results here",
          evidence: `${path}: mode ${mode.padStart(4, '0')}, ${owner}:${group}`,
          fix: 'lava-play apply',
          subject: `file ${path}`,
        })),
  };
}
