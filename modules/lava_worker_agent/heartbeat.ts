import {
  absent,
  daemonReload,
  directory,
  file,
  type Handler,
  type Resource,
  restart,
  unit,
} from '../../engine/sdk.ts';
import { programFolder } from '../../lab/heartbeat/program_folder.ts';
import { folderGone } from './folder_gone.ts';
import type { FromMaster } from './from_master.ts';
import {
  configurationText,
  credentialsText,
  type HeartbeatConfiguration,
  heartbeatWorkerConf,
  loginPlace,
  maskCredentials,
} from './heartbeat/configuration_text.ts';
import { HEARTBEAT } from './heartbeat/places.ts';
import { programFiles } from './heartbeat/program_files.ts';
import { unitText } from './heartbeat/unit_text.ts';
import type { Part } from './part.ts';

/** As whom the runtime reports: a user and token of a classic master, a worker and its key of a current one. */
export interface Login {
  readonly user: string;
  /** A secret: mask it wherever it is shown. */
  readonly token: string;
}

/** The heartbeat runtime of a worker. */
export interface Heartbeat {
  readonly configuration: HeartbeatConfiguration;
  readonly login: FromMaster<Login>;
  /** HEARTBEAT_TIMEOUT in seconds, where there is no worker.conf of LAVA that says it. */
  readonly timeout: number | undefined;
  /** What a current worker is told of the way in which classic ones report, and does not need. */
  readonly unused?: 'nothing' | 'token of a user';
}

/** The heartbeat runtime, installed and running; its own file of the period is read afresh without a restart. */
export function heartbeat({ configuration, login, timeout, unused }: Heartbeat): Part {
  if (login.kind === 'missing') return { resources: [], lacks: login.reason };
  const onChange = [restart(HEARTBEAT.unit)];
  const { mode, textfile } = configuration;
  const isCurrent = mode === 'current';
  return {
    resources: [
      directory({ path: HEARTBEAT.program }),
      programFolder({ path: HEARTBEAT.program, files: programFiles(), onChange }),
      directory({ path: HEARTBEAT.etc }),
      ...(timeout === undefined
        ? [absent({ path: HEARTBEAT.workerConf })]
        : [file({ path: HEARTBEAT.workerConf, content: heartbeatWorkerConf(timeout) })]),
      configurationFile(configuration, onChange, unused),
      file({
        path: HEARTBEAT.unitFile,
        content: unitText({ mode, ...(textfile !== undefined && { textfile }) }),
        onChange: [daemonReload(), ...onChange],
      }),
      ...(login.kind === 'known' ? [credentials(login.value, loginPlace(mode))] : []),
      ...(isCurrent ? [absent({ path: HEARTBEAT.credentials })] : []),
      unit({ name: HEARTBEAT.unit, enabled: true, running: true }),
      memoryGone,
    ],
  };
}

function configurationFile(
  configuration: HeartbeatConfiguration,
  onChange: readonly Handler[],
  unused: Heartbeat['unused'],
): Resource {
  const text = file({
    path: HEARTBEAT.configuration,
    content: configurationText(configuration),
    onChange,
  });
  if (unused !== 'token of a user') return text;
  return {
    ...text,
    warnings: () => [
      {
        message:
          'heartbeat_token is not used in the layout debian: workers report with their own keys',
        hint: 'remove it from the inventory, and the permission change_worker from its user on the master: it amounts to root on all workers',
      },
    ],
  };
}

function credentials(login: Login, path: string): Resource {
  return file({
    path,
    content: credentialsText(login),
    mode: '0600',
    mask: maskCredentials,
    onChange: [restart(HEARTBEAT.unit)],
  });
}

/** In release 0.1 the runtime itself remembered whether it had set Maintenance. */
const memoryGone = folderGone('/var/lib/lava-heartbeat', ['maintenance.json']);

/** Nothing is left of the heartbeat runtime. */
export function noHeartbeat(): Part {
  const { credentials: login, key, configuration, workerConf, etc, program } = HEARTBEAT;
  return {
    resources: [
      unit({ name: HEARTBEAT.unit, enabled: false, running: false }),
      absent({ path: HEARTBEAT.unitFile, onChange: [daemonReload()] }),
      folderGone(etc, [login, key, configuration, workerConf].map(nameOf)),
      folderGone(program, [...programFiles().map(({ path }) => nameOf(path)), 'maintenance.py']),
      memoryGone,
    ],
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
