import type { Finding } from '../../../engine/sdk.ts';
import { cite } from '../found_files.ts';
import { APPLY, type InstanceFiles } from '../instance_files.ts';
import { maskInstanceConf } from '../instance_settings.ts';
import { accepted, assigned, isPlaceholder, shellDiffers } from '../lava_lines.ts';

/** Without these lava-server does not find its database or its own folder. */
const NEEDED = /^LAVA_(DB_\w+|INSTANCE|PREFIX)$/;

/** Whether lava-server, and a shell, read each line of instance.conf as it is meant. */
export function judgeSyntax({ instanceConf: file }: InstanceFiles): readonly Finding[] {
  if (!file) return [];
  return file.lines.flatMap((line, i): readonly Finding[] => {
    const key = assigned(line);
    if (key === undefined) return [];
    const value = accepted(line);
    const common = {
      severity: NEEDED.test(key) ? ('problem' as const) : ('warning' as const),
      evidence: cite(file, i, maskInstanceConf),
      subject: `${key} of instance.conf`,
    };
    if (value === undefined) {
      return [
        {
          ...common,
          what: `lava-server silently ignores the line of ${key}`,
          fix: `write it as ${key}='value': no spaces, quotes on both sides, no ' in the value`,
        },
      ];
    }
    if (isPlaceholder(value)) {
      return [{ ...common, what: `${key} still holds a placeholder`, fix: APPLY }];
    }
    if (!shellDiffers(line)) return [];
    return [
      {
        ...common,
        severity: 'warning',
        what: `a shell and lava-server read different values of ${key}`,
        fix: 'use \' instead of " around the value',
      },
    ];
  });
}
