import { type Fact, nearest, Refused, type Warning } from '../../engine/sdk.ts';

/** Settings by name, as LAVA's files in settings.d have them. */
export type OwnSettings = Readonly<Record<string, unknown>>;

/** Settings that this or another module makes of what the inventory says elsewhere. */
const MADE: Readonly<Record<string, string>> = {
  DATABASES: 'lava.db',
  INSTANCE_NAME: 'lava.instance',
  SESSION_COOKIE_SECURE: 'https of the module lava_server',
  CSRF_COOKIE_SECURE: 'https of the module lava_server',
};

/** What a site that we make tells LAVA, and who else has a site tells LAVA by himself. */
const MADE_WITH_HTTPS: typeof MADE = { SECURE_PROXY_SSL_HEADER: 'lava.https' };

/** Names of settings that the installed LAVA and its Django read; none where LAVA is not there. */
export const knownSettings: Fact<ReadonlySet<string>> = {
  probe: `cd /usr/lib/python3/dist-packages 2>/dev/null || exit 0
for f in lava_server/settings/common.py lava_server/settings/prod.py django/conf/global_settings.py; do
  if [ -f "$f" ]; then
    sed -n 's/^ *\\([A-Z][A-Z0-9_]*\\) *[:=].*/\\1/p; s/.*get("\\([A-Z][A-Z0-9_]*\\)".*/\\1/p' "$f"
  fi
done | sort -u`,
  parse: (output) => new Set(output.split('\n').filter((line) => line !== '')),
};

/** Refuses settings that have their place elsewhere in the inventory. */
export function refuseMade(settings: OwnSettings, https: 'no' | 'elsewhere' | 'here'): void {
  const made = https === 'here' ? { ...MADE, ...MADE_WITH_HTTPS } : MADE;
  const name = Object.keys(settings).find((each) => Object.hasOwn(made, each));
  if (name === undefined) return;
  throw new Refused(
    `lava.settings has ${name}, which is derived from ${made[name]}`,
    'set it there',
  );
}

/** What LAVA would pass over in silence; a setting of a further program of its, such as AUTH_LDAP_…, is none of Django's. */
export function unknownSettings(
  settings: OwnSettings,
  known: ReadonlySet<string>,
): readonly Warning[] {
  if (known.size === 0) return [];
  return Object.keys(settings)
    .filter((name) => !known.has(name))
    .map((name) => {
      const near = nearest(name, [...known]);
      return {
        message: `the LAVA of this host has no setting ${name}`,
        hint:
          near === undefined
            ? 'it is written nevertheless, for an additional program that LAVA has loaded'
            : `did you mean ${near}? It is written nevertheless`,
      };
    });
}
