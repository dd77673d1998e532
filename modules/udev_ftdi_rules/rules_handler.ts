import { type Handler, handler, sh } from '../../engine/sdk.ts';
import { type AdapterKey, describeKey } from './adapter_key.ts';
import { LINKS } from './rules_text.ts';

/** By which one of its properties a port is found again; `udevadm trigger` takes them as alternatives. */
const TELLING = ['ID_SERIAL_SHORT', 'ID_PATH'];

/**
 * Lets udev read its rules, and apply them to the adapters of the boards and to those that have a link now.
 *
 * Reading alone changes nothing that is plugged in already. Other devices get no event. Where udevd
 * does not run, as in a container, there is nothing to tell.
 */
export function rulesRead(keys: readonly AdapterKey[]): Handler {
  const matches = keys.flatMap(({ properties }) =>
    properties
      .filter(([name]) => TELLING.includes(name))
      .slice(0, 1)
      .map(([name, value]) => `--property-match=${name}=${value}`),
  );
  const trigger = 'udevadm trigger --action=change';
  return handler(
    'read the udev rules',
    [
      'if [ ! -e /run/udev/control ]; then',
      '  echo "udevd is not running on this host: the rules take effect when it starts"',
      '  exit 0',
      'fi',
      'udevadm control --reload || exit 1',
      `for link in ${LINKS}/*; do`,
      `  if [ -e "$link" ]; then ${trigger} "$(readlink -f "$link")" || exit 1; fi`,
      'done',
      ...(matches.length > 0
        ? [sh`udevadm trigger --action=change --subsystem-match=tty ${matches} || exit 1`]
        : []),
      'udevadm settle --timeout=30 || exit 1',
      ...keys.map(
        (key) =>
          sh`[ -e ${`${LINKS}/${key.board}`} ] || echo ${`the adapter of ${key.board} is not plugged in (${describeKey(key)})`}`,
      ),
      'exit 0',
    ].join('\n'),
  );
}
