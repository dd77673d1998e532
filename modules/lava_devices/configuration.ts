import type { Fact } from '../../engine/sdk.ts';

/** What the master's files say of device types. */
export interface Configuration {
  /** Device types that have a template, those of LAVA itself and those of the site. */
  readonly templates: ReadonlySet<string>;
  /** Device types that have a health check. */
  readonly healthChecks: ReadonlySet<string>;
}

/** Where lava-server looks for both (`lava_server/settings/common.py`, 2023.01). */
const ETC = '/etc/lava-server/dispatcher-config';

/** Lists the templates and health checks of the master. */
export const configuration: Fact<Configuration> = {
  probe: `list() {
  kind=$1
  shift
  for file; do
    if [ -e "$file" ]; then printf '%s %s\\n' "$kind" "\${file##*/}"; fi
  done
}
list template /usr/share/lava-server/device-types/*.jinja2 ${ETC}/device-types/*.jinja2
list check ${ETC}/health-checks/*.yaml ${ETC}/health-checks/*.yml`,
  parse(output) {
    const names = (kind: string): ReadonlySet<string> =>
      new Set(
        output.split('\n').flatMap((line) => {
          const [, name] = new RegExp(`^${kind} (.+)\\.[a-z0-9]+$`).exec(line) ?? [];
          return name === undefined ? [] : [name];
        }),
      );
    return { templates: names('template'), healthChecks: names('check') };
  },
};
