import {
  absent,
  defineModule,
  directory,
  file,
  handler,
  Refused,
  type Resource,
  UPDATE_LISTS,
} from '../../engine/sdk.ts';
import { deb822Schema } from './arguments.ts';

const readLists = handler('read the lists of packages', `${UPDATE_LISTS}\nupdate_lists`);

const KEYRINGS = '/etc/apt/keyrings';

/** A source of apt with its key, as the module of Ansible wants it. */
export default defineModule({
  name: 'deb822_repository',
  summary: 'A source of apt with the key that signs it',
  schema: deb822Schema,
  example: `name: lava
uris: https://apt.lavasoftware.org/release
suites: bookworm
components: main
signed_by: /etc/apt/keyrings/lava.asc
`,
  desired({ args }): readonly Resource[] {
    const { name, state, types, mode, signed_by: key, ...fields } = args;
    const slug = name
      .trim()
      .toLowerCase()
      .replace(/[^\w.-]+/g, '-');
    const path = `/etc/apt/sources.list.d/${slug}.sources`;
    const keyring = `${KEYRINGS}/${slug}.asc`;
    const onChange = [readLists];
    if (state === 'absent') return [absent({ path, onChange }), absent({ path: keyring })];
    if (fields.uris === undefined || fields.suites === undefined) {
      throw new Refused(`the source ${name} needs uris and suites`);
    }
    const isText = key?.trimStart().startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----') ?? false;
    if (key !== undefined && !isText) requireKey(key);
    const values = {
      types,
      ...fields,
      ...(key !== undefined && { signed_by: isText ? keyring : key }),
    };
    const lines = Object.entries(values)
      .map(([field, value]) => `${fieldName(field)}: ${shown(value)}`)
      .sort();
    const content = [`X-Repolib-Name: ${name}`, ...lines, ''].join('\n');
    return [
      ...(isText
        ? [
            directory({ path: KEYRINGS }),
            file({ path: keyring, content: `${key?.trim()}\n`, onChange }),
          ]
        : []),
      file({ path, content, mode, onChange }),
    ];
  },
});

function requireKey(key: string): void {
  if (/^\/[^\s]+$/.test(key) || /^[0-9A-F]{40}!?(,? ?[0-9A-F]{40}!?)*$/.test(key)) return;
  const isAddress = /^\w+:\/\//.test(key);
  throw new Refused(
    isAddress
      ? `a key is not fetched from ${key}: who controls it would control the host`
      : 'signed_by is neither an armored key nor an absolute path nor a fingerprint',
    'keep the armored key beside the playbook: signed_by: !file lava.asc',
  );
}

/** As apt writes its fields; `uris` is one that is not in title case. */
function fieldName(field: string): string {
  if (field === 'uris') return 'URIs';
  if (field === 'pdiffs') return 'PDiffs';
  if (field === 'inrelease_path') return 'InRelease-Path';
  return field
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-');
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return [value].flat().join(' ');
}
