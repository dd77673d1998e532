import type { Finding, HealthQuery } from '../../engine/sdk.ts';
import type { DebianDatabase } from '../../lab/instance/debian_files.ts';
import { type FoundFile, readFiles } from '../../lab/instance/found_files.ts';
import { pidLock, uwsgiBuffer } from '../../lab/instance/health/classic_daemons.ts';
import { coordinatorPath, judgeCoordinator } from '../../lab/instance/health/coordinator.ts';
import { judgeDatabase } from '../../lab/instance/health/database_values.ts';
import {
  DEBIAN_FILES,
  judgeDebianDatabase,
  judgeDebianFiles,
  withPassword,
} from '../../lab/instance/health/debian_database.ts';
import { judgeFiles, judgeWorkerConf } from '../../lab/instance/health/files_present.ts';
import { judgeHeartbeat } from '../../lab/instance/health/heartbeat_timeout.ts';
import { media } from '../../lab/instance/health/media.ts';
import { judgeProxy } from '../../lab/instance/health/proxy.ts';
import { judgeSecrecy } from '../../lab/instance/health/secrecy.ts';
import { judgeServerIp } from '../../lab/instance/health/server_ip.ts';
import { judgeSyntax } from '../../lab/instance/health/syntax.ts';
import {
  etcOf,
  type InstanceFiles,
  instanceFilesIn,
  instanceFilesProbe,
  pathsOf,
} from '../../lab/instance/instance_files.ts';
import type { Instance } from '../../lab/instance/instance_settings.ts';
import { ADDRESSES } from '../../lab/instance/own_addresses.ts';

/** Whether the files of an instance can be read as they are meant, and say the same; and what its daemons stumble over. */
export function instanceHealth(instance: Instance): readonly HealthQuery[] {
  const { role, master } = instance;
  const paths = pathsOf(instance);
  const about = (
    word: string,
    judge: (files: InstanceFiles, output: string) => readonly Finding[],
  ): HealthQuery => ({
    id: id(word),
    probe: [instanceFilesProbe(paths), ADDRESSES].join('\n'),
    judge: (output) => judge(instanceFilesIn(output, paths), output),
  });
  const ofWorkers = (questions: readonly HealthQuery[]): readonly HealthQuery[] =>
    role === 'worker' ? questions : [];
  return [
    about('files', (files) => judgeFiles(files, paths)),
    about('syntax', judgeSyntax),
    about('database', (files) => judgeDatabase(files, instance)),
    about('server-ip', judgeServerIp),
    about('proxy', judgeProxy),
    about('worker-conf', (files) => judgeWorkerConf(files, instance, paths.worker)),
    ...ofWorkers([about('heartbeat', (files) => judgeHeartbeat(files, instance))]),
    about('secrecy', ({ instanceConf, database }) =>
      judgeSecrecy([instanceConf, database], '; and set another password, if others have logins'),
    ),
    { id: id('media'), ...media(instance) },
    ...ofWorkers([
      about('coordinator', (files) => judgeCoordinator(files, master)),
      ...coordinatorPath(master).map((path) => ({ id: id('coordinator-path'), ...path })),
    ]),
    { id: id('pid-lock'), ...pidLock },
    { id: id('uwsgi'), ...uwsgiBuffer(etcOf(instance)) },
  ];
}

/** Whether Debian's lava-server finds its database where the inventory says, and keeps its password. */
export function debianHealth(db: DebianDatabase): readonly HealthQuery[] {
  const about = (
    word: string,
    judge: (files: ReadonlyMap<string, FoundFile>) => readonly Finding[],
  ): HealthQuery => ({
    id: id(word),
    probe: DEBIAN_FILES,
    judge: (output) => judge(readFiles(output)),
  });
  return [
    about('files', judgeDebianFiles),
    about('database', (files) => judgeDebianDatabase(files, db)),
    about('secrecy', (files) => judgeSecrecy(withPassword(files))),
  ];
}

function id(word: string): string {
  return `write_instance_conf.${word}`;
}
