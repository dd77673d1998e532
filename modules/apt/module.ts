import {
  command,
  defineModule,
  type Fact,
  listsReadWithin,
  Pending,
  pkg,
  Refused,
  type Resource,
  UPDATE_LISTS,
} from '../../engine/sdk.ts';
import { readLists, tidy, upgrade } from './actions.ts';
import { aptSchema } from './arguments.ts';
import { debPackage } from './deb.ts';
import { latestPackages } from './latest.ts';

/** Seconds since apt has read its lists; infinite where it has not, or where a source was added since. */
const age: Fact<number> = {
  probe: `if ${listsReadWithin(2 ** 31)}; then echo $(($(date +%s) - read_at)); fi`,
  parse: (output) => (output.trim() === '' ? Number.POSITIVE_INFINITY : Number(output)),
};

/** Debian packages, as the module of Ansible wants them. */
export default defineModule({
  name: 'apt',
  aliases: ['package'],
  summary: 'Debian packages: installed, removed, upgraded',
  schema: aptSchema,
  example: 'name: [minicom, fastboot]\nupdate_cache: true\ncache_valid_time: 3600\n',
  facts: { age },
  desired({ args, facts }) {
    const { state, purge, autoremove, deb, update_cache: update } = args;
    const names = [args.name, args.pkg, args.package].flat().flatMap(namesIn);
    const kind = upgradeKind(args.upgrade);
    const readFirst = update ?? args.cache_valid_time !== undefined;
    const within = args.cache_valid_time ?? (state === 'latest' ? 3600 : 0);
    const release = args.default_release;
    const resources: Resource[] = [];
    const hasWork = names.length > 0 || kind !== undefined || deb !== undefined;
    if (readFirst && !hasWork) resources.push(within > 0 ? listsWithin(within) : readLists());
    if (kind) resources.push(upgrade(kind, readFirst && facts.age >= within));
    if (names.length > 0 && state === 'latest') {
      if (readFirst && facts.age >= within) {
        throw new Pending('the lists of packages are old', [listsWithin(within)]);
      }
      if (names.some((name) => name.includes('='))) {
        throw new Refused('a package with a version cannot be latest', 'leave out one of them');
      }
      const recommends =
        args.install_recommends === undefined
          ? []
          : [`--${args.install_recommends ? '' : 'no-'}install-recommends`];
      const from = release === undefined ? [] : ['--target-release', release];
      resources.push(latestPackages({ names, flags: [...recommends, ...from] }));
    } else if (names.length > 0) {
      resources.push(
        pkg({
          names,
          ensure: state === 'absent' ? 'absent' : 'present',
          recommends: args.install_recommends ?? 'host',
          ...{ purge, autoremove },
          ...(release !== undefined && { release }),
          ...(readFirst && { listsWithin: within }),
        }),
      );
    }
    if (deb !== undefined) resources.push(debPackage(deb));
    const isTidied = autoremove && (names.length === 0 || state !== 'absent');
    if (isTidied) resources.push(tidy('autoremove', { purge }));
    if (args.autoclean) resources.push(tidy('autoclean', { purge }));
    if (args.clean) resources.push(tidy('clean', { purge }));
    if (resources.length === 0) throw new Refused('apt has nothing to do', 'give it a name');
    return resources;
  },
});

function namesIn(given: string | undefined): readonly string[] {
  return (given ?? '').split(',').flatMap((name) => name.trim() || []);
}

function upgradeKind(given: boolean | string): 'safe' | 'full' | undefined {
  if (given === false || given === 'no') return undefined;
  return given === 'full' || given === 'dist' ? 'full' : 'safe';
}

function listsWithin(seconds: number): Resource {
  return command({
    name: 'read the lists of packages',
    unless: listsReadWithin(seconds),
    run: `${UPDATE_LISTS}\nupdate_lists`,
    display: 'apt-get update',
  });
}
