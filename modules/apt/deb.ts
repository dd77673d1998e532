import { PREPARE_APT, Refused, type Resource, sh } from '../../engine/sdk.ts';

/** What a `.deb` file holds and what the host has; empty where there is none. */
interface DebState {
  readonly name: string;
  readonly version: string;
  readonly installed: string;
}

/** The package of a `.deb` file on the host, with all that it needs. */
export function debPackage(path: string): Resource<DebState> {
  if (!path.startsWith('/')) {
    throw new Refused(
      `deb must be an absolute path on the host, not ${path}`,
      'fetch it with get_url, with a checksum, or copy it from the controller with copy',
    );
  }
  return {
    id: `package of ${path}`,
    probe: [
      sh`if [ -f ${path} ]; then dpkg-deb --show --showformat='\${Package} \${Version}\\n' -- ${path} || exit 1; else echo; fi`,
      sh`if [ -f ${path} ]; then dpkg-query --show --showformat='\${Status} \${Version}\\n' -- "$(dpkg-deb --field ${path} Package)" 2>/dev/null || :; fi`,
    ].join('\n'),
    parse(output) {
      const [file = '', host = ''] = output.split('\n');
      const [name = '', version = ''] = file.split(' ');
      const [, , status, installed = ''] = host.split(' ');
      return { name, version, installed: status === 'installed' ? installed : '' };
    },
    change(now) {
      const { name, version, installed } = now;
      if (version !== '' && installed === version) return undefined;
      return {
        before: name ? `${name} ${installed || 'not installed'}\n` : '',
        after: name ? `${name} ${version}\n` : `the package of ${path}\n`,
        steps: [
          {
            title: `install ${path}`,
            script: [PREPARE_APT, sh`apt install --allow-downgrades ${path}`].join('\n'),
            ...(name && {
              records: [
                {
                  ...{ kind: 'package' as const, name },
                  was: installed ? { status: 'installed', version: installed } : null,
                  is: { status: 'installed', version },
                },
              ],
            }),
          },
        ],
        ...(version && { next: { name, version, installed: version } }),
      };
    },
  };
}
