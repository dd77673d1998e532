import {
  absent,
  daemonReload,
  directory,
  file,
  type Resource,
  restart,
  unit,
} from '../../engine/module.ts';
import type { Login } from '../lava_workers/heartbeat_login.ts';
import { folderGone } from './folder_gone.ts';
import type { FromMaster } from './from_master.ts';
import {
  configurationText,
  credentialsText,
  type HeartbeatConfiguration,
  heartbeatWorkerConf,
  maskCredentials,
} from './heartbeat/configuration_text.ts';
import { HEARTBEAT } from './heartbeat/places.ts';
import { programFiles } from './heartbeat/program_files.ts';
import { unitText } from './heartbeat/unit_text.ts';
import { heartbeatProgram } from './heartbeat_program.ts';
import type { Part } from './part.ts';

/** The heartbeat runtime of a worker. */
export interface Heartbeat {
  readonly configuration: HeartbeatConfiguration;
  readonly login: FromMaster<Login>;
  /** HEARTBEAT_TIMEOUT in seconds, where there is no worker.conf of LAVA that says it. */
  readonly timeout: number | undefined;
}

/** The heartbeat runtime, installed and running; its own file of the period is read afresh without a restart. */
export function heartbeat({ configuration, login, timeout }: Heartbeat): Part {
  if (login.kind === 'missing') return { resources: [], lacks: login.reason };
  const onChange = [restart(HEARTBEAT.unit)];
  const { textfile } = configuration;
  return {
    resources: [
      directory({ path: HEARTBEAT.program }),
      heartbeatProgram(onChange),
      directory({ path: HEARTBEAT.etc }),
      ...(timeout === undefined
        ? [absent({ path: HEARTBEAT.workerConf })]
        : [file({ path: HEARTBEAT.workerConf, content: heartbeatWorkerConf(timeout) })]),
      file({ path: HEARTBEAT.configuration, content: configurationText(configuration), onChange }),
      file({
        path: HEARTBEAT.unitFile,
        content: unitText(textfile === undefined ? {} : { textfile }),
        onChange: [daemonReload(), ...onChange],
      }),
      ...(login.kind === 'known' ? [credentials(login.value)] : []),
      unit({ name: HEARTBEAT.unit, enabled: true, running: true }),
    ],
  };
}

function credentials(login: Login): Resource {
  return file({
    path: HEARTBEAT.credentials,
    content: credentialsText(login),
    mode: '0600',
    mask: maskCredentials,
    onChange: [restart(HEARTBEAT.unit)],
  });
}

/** Nothing is left of the heartbeat runtime. */
export function noHeartbeat(): Part {
  const { credentials: login, configuration, workerConf, etc, program } = HEARTBEAT;
  return {
    resources: [
      unit({ name: HEARTBEAT.unit, enabled: false, running: false }),
      absent({ path: HEARTBEAT.unitFile, onChange: [daemonReload()] }),
      folderGone(etc, [login, configuration, workerConf].map(nameOf)),
      folderGone(
        program,
        programFiles().map(({ path }) => nameOf(path)),
      ),
    ],
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
