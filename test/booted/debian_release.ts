/** A release of Debian that the hosts of a lab can run. */
export type DebianRelease = 12 | 13;

/** What the archive calls each of them. */
export const SUITES: Readonly<Record<DebianRelease, string>> = { 12: 'bookworm', 13: 'trixie' };

/** The releases, the oldest first. */
export const RELEASES: readonly DebianRelease[] = [12, 13];

/** Reads a release as it is given on the command line or in `LAVA_PLAY_LAB_DEBIAN`. */
export function parseRelease(text: string): DebianRelease | undefined {
  return RELEASES.find((release) => String(release) === text);
}
