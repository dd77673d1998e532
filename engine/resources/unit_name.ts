/** A unit's full name, as systemd completes it: `ser2net` is `ser2net.service`. */
export function unitName(name: string): string {
  return /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(name)
    ? name
    : `${name}.service`;
}
