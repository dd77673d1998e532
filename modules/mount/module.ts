import { action, defineModule, file, Refused, type Resource } from '../../engine/sdk.ts';
import { withEntry, withoutEntry } from './fstab.ts';
import { mounted, mountPoint, noMountPoint, remount, remountOf, unmounted } from './mounted.ts';

/** A mount, as the module of Ansible wants it. */
export default defineModule({
  name: 'mount',
  summary: 'An entry of fstab, and whether it is mounted',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'state'],
    properties: {
      path: { type: 'string', pattern: '^/[^\\n]*$', description: 'Where it is mounted' },
      src: { type: 'string', pattern: '^[^\\n]+$', description: 'What is mounted' },
      fstype: { type: 'string', pattern: '^[\\w.,-]+$', description: 'The type of file system' },
      opts: { type: 'string', pattern: '^[^\\s]+$', default: 'defaults' },
      dump: { anyOf: [{ type: 'string' }, { type: 'integer' }], default: '0' },
      passno: { anyOf: [{ type: 'string' }, { type: 'integer' }], default: '0' },
      state: {
        type: 'string',
        enum: ['mounted', 'present', 'unmounted', 'absent', 'remounted', 'ephemeral'],
        description: 'present and absent also say what is in fstab; remounted is done in each run',
      },
    },
  },
  example: 'path: /srv/images\nsrc: UUID=0a1b2c3d\nfstype: ext4\nopts: noatime\nstate: mounted\n',
  desired({ args }) {
    const { state, src, fstype, opts } = args;
    const path = args.path.length > 1 ? args.path.replace(/\/+$/, '') : args.path;
    if (path === '/' && ['unmounted', 'absent'].includes(state)) {
      throw new Refused('/ is the root of the host and stays mounted');
    }
    if (state === 'unmounted') return [unmounted(path)];
    if (state === 'absent') {
      const gone = table((now) => withoutEntry(now, path));
      return [unmounted(path), gone, noMountPoint(path)];
    }
    if (state === 'remounted') {
      const id = `remount ${path}`;
      return [action({ id, script: remountOf(path), display: `mount -o remount ${path}` })];
    }
    if (src === undefined || fstype === undefined) {
      throw new Refused(`mount of ${path} with state ${state} needs src and fstype`);
    }
    const place = mountPoint(path);
    if (state === 'ephemeral') {
      return [place, mounted(path, ['-t', fstype, '-o', opts, '--', src, path])];
    }
    const [dump, passno] = [String(args.dump), String(args.passno)];
    const entry = table(
      (now) => withEntry(now, { path, src, fstype, opts, dump, passno }),
      state === 'mounted' ? [remount(path)] : [],
    );
    return state === 'present' ? [entry] : [place, entry, mounted(path, [])];
  },
});

function table(
  content: (now: string) => string,
  onChange: Parameters<typeof file>[0]['onChange'] = [],
): Resource {
  return file({ path: '/etc/fstab', content, onChange });
}
