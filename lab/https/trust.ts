import { absent, file, type Handler, handler, pkg, type Resource } from '../../engine/sdk.ts';

/** Where a host has the authority of its lab; Debian takes what lies here into its own list (update-ca-certificates(8)). */
export const TRUSTED = '/usr/local/share/ca-certificates/lava-play.crt';

/** Debian's list is what requests, aiohttp and curl go by. */
const readAuthorities: Handler = handler(
  'read the authorities that this host trusts',
  `command -v update-ca-certificates >/dev/null || exit 0
said=$(update-ca-certificates --fresh 2>&1) || { printf '%s\\n' "$said"; exit 1; }`,
  { first: true },
);

/** The host trusts the authority of its lab, for all that it does; `onChange` is for those who have read the list already. */
export function trusted(certificate: string, onChange: readonly Handler[] = []): Resource[] {
  return [
    pkg({ name: 'ca-certificates' }),
    file({
      path: TRUSTED,
      content: `${certificate.trim()}\n`,
      onChange: [readAuthorities, ...onChange],
    }),
  ];
}

/** The host trusts no authority of a lab any more. */
export function noLongerTrusted(): Resource {
  return absent({ path: TRUSTED, onChange: [readAuthorities] });
}
