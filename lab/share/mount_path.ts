import { unitEscaped } from '../../engine/sdk.ts';

/** A folder that needs no quoting in unit files, mount options, sshd_config and the kernel's tables. */
export const FOLDER_PATTERN = '^(?!.*/\\.\\.?(/|$))(/[\\w.+-]+)+$';

/** The name of the unit that mounts at a path: systemd derives one from the other. */
export function mountUnit(where: string): string {
  return `${unitEscaped(where.slice(1))}.mount`;
}
