import { type FoundFile, filesProbe, readFiles } from './found_files.ts';
import { type Instance, PREFIX } from './instance_settings.ts';

/** The files of an instance that have to agree. */
export interface InstanceFiles {
  readonly instanceConf: FoundFile | undefined;
  readonly oldInstanceConf: FoundFile | undefined;
  readonly database: FoundFile | undefined;
  readonly worker: FoundFile | undefined;
  readonly dispatcher: FoundFile | undefined;
  readonly coordinator: FoundFile | undefined;
}

/** Where they are. */
export type InstancePaths = Readonly<Record<keyof InstanceFiles, string>>;

/** What makes them right. */
export const APPLY = 'lava-play apply, which writes all of these files from the inventory';

/** The one coordinator of a lab: the folder of its file on each host, and its port on the master. */
export const COORDINATOR = { folder: '/etc/lava-coordinator', port: 3079 } as const;

type Named = Pick<Instance, 'name'>;

/** The folder in which the daemons of an instance look for their configuration. */
export function etcOf({ name }: Named): string {
  return `${PREFIX}/${name}/etc/lava-server`;
}

/** Where the files of an instance are. */
export function pathsOf({ name }: Named): InstancePaths {
  const home = `${PREFIX}/${name}`;
  const etc = etcOf({ name });
  return {
    instanceConf: `${etc}/instance.conf`,
    oldInstanceConf: `${home}/instance.conf`,
    database: `${etc}/default_database.conf`,
    worker: `${etc}/worker.conf`,
    dispatcher: `${home}/etc/lava-dispatcher/lava-dispatcher.conf`,
    coordinator: `${COORDINATOR.folder}/lava-coordinator.conf`,
  };
}

/** Shell that prints the files of an instance, for `instanceFilesIn`. */
export function instanceFilesProbe(paths: InstancePaths): string {
  return filesProbe(Object.values(paths));
}

/** Reads what `instanceFilesProbe` printed. */
export function instanceFilesIn(output: string, paths: InstancePaths): InstanceFiles {
  const found = readFiles(output);
  return {
    instanceConf: found.get(paths.instanceConf),
    oldInstanceConf: found.get(paths.oldInstanceConf),
    database: found.get(paths.database),
    worker: found.get(paths.worker),
    dispatcher: found.get(paths.dispatcher),
    coordinator: found.get(paths.coordinator),
  };
}
