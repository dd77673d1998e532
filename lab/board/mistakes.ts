import {
  type Diagnostic,
  field,
  isList,
  isMap,
  type Place,
  placeOf,
  typedText,
} from '../../engine/extend.ts';

/** What no two boards may share, within the lab or within one worker. */
interface Claim {
  readonly what: string;
  readonly id: string;
  readonly scope: string;
  readonly place: Place | undefined;
}

/**
 * Mistakes that only show when all boards are seen together: a name twice in the lab, a TCP port or
 * an adapter twice on one worker.
 */
export function boardMistakes(boardsByHost: ReadonlyMap<string, unknown>): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const claims = new Map<string, Place | undefined>();
  for (const [host, boards] of boardsByHost) {
    if (!isList(boards)) continue;
    for (const [index, board] of boards.entries()) {
      found.push(...decimalIds(board));
      for (const { what, id, scope, place } of claimsOf(host, board, placeOf(boards, index))) {
        const key = JSON.stringify([what, id, scope]);
        if (!claims.has(key)) {
          claims.set(key, place);
          continue;
        }
        const first = claims.get(key);
        const where = first ? `; the first is on line ${first.line} of ${first.file}` : '';
        const inScope = scope === 'lab' ? 'the lab' : scope;
        const message = `${inScope} has two boards with the ${what} ${id}${where}`;
        found.push({ code: 'duplicate-name', message, place });
      }
    }
  }
  return found;
}

function claimsOf(host: string, board: unknown, place: Place | undefined): readonly Claim[] {
  const claims: Claim[] = [];
  const name = field(board, 'name');
  const serial = field(board, 'serial');
  const {
    tcp_port: port,
    usb_serial: usbSerial,
    usb_path: path,
    usb_interface: number,
  } = isMap(serial) ? serial : {};
  if (typeof name === 'string') {
    claims.push({ what: 'name', id: `'${name}'`, scope: 'lab', place: placeOf(board, 'name') });
  }
  if (port !== undefined) {
    const at = placeOf(serial, 'tcp_port') ?? place;
    claims.push({ what: 'TCP port', id: String(port), scope: host, place: at });
  }
  const adapter = usbSerial ?? path;
  if (adapter !== undefined) {
    const at = placeOf(serial, usbSerial === undefined ? 'usb_path' : 'usb_serial') ?? place;
    const id = number === undefined ? String(adapter) : `${adapter} interface ${number}`;
    claims.push({ what: 'adapter', id, scope: host, place: at });
  }
  return claims;
}

/** `vendor: 6001` reads as a decimal number, and everybody who writes it means 0x6001. */
function decimalIds(board: unknown): readonly Diagnostic[] {
  const serial = field(board, 'serial');
  return ['vendor', 'product'].flatMap((key) => {
    const value = field(serial, key);
    const place = placeOf(serial, key);
    if (typeof value !== 'number' || !place || /^0x/i.test(typedText(place))) return [];
    const message = `${key} is a hexadecimal number, and YAML reads ${value} as a decimal one`;
    const hint = `write 0x${String(value).padStart(4, '0')}, or quote it`;
    return [{ code: 'lost-number', message, place, hint }];
  });
}
