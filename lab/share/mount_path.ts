/** A folder that needs no quoting in unit files, mount options, sshd_config and the kernel's tables. */
export const FOLDER_PATTERN = '^(?!.*/\\.\\.?(/|$))(/[\\w.+-]+)+$';

/** The name of the unit that mounts at a path: systemd derives one from the other (systemd.unit(5), string escaping). */
export function mountUnit(where: string): string {
  const escaped = where
    .slice(1)
    .replace(/[^/\w:.]/g, (char) =>
      [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    )
    .replace(/^\./, '\\x2e')
    .replaceAll('/', '-');
  return `${escaped}.mount`;
}
