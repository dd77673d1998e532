import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DebianCluster, makeCluster, whyNoPostgres } from './debian_cluster.ts';
import { installPackage } from './debian_package.ts';

/** Databases in which LAVA's tables can be made, and a master that asks them with the very program of the probe. */
export interface LavaDatabases {
  /** Makes an empty database and runs SQL in it. */
  make(name: string, sql: string): Promise<void>;
  sql(name: string, sql: string): Promise<string>;
  /** What a probe prints on a master with this LAVA, whose settings lead to that database. */
  ask(probe: string, name: string, version: string): string;
  drop(): Promise<void>;
}

/** Why there can be no such databases on this machine; nothing when there can. */
export async function whyNoLavaDatabases(): Promise<string | undefined> {
  const reason = await whyNoPostgres();
  if (reason) return reason;
  const missing = ['psycopg2', 'yaml'].filter(
    (name) => !existsSync(`/usr/lib/python3/dist-packages/${name}`),
  );
  return missing.map((name) => installPackage(`python3-${name}`)).find((each) => each);
}

/** Starts a PostgreSQL for them. */
export async function startLavaDatabases(label: string): Promise<LavaDatabases> {
  const cluster: DebianCluster = await makeCluster(label);
  const folder = mkdtempSync(join(tmpdir(), 'lava-play-master-'));
  spawnSync('chmod', ['755', folder]);
  await cluster.sql("CREATE ROLE lavaserver LOGIN PASSWORD 'a-word'");
  return {
    async make(name, sql) {
      await cluster.sql(`CREATE DATABASE "${name}" OWNER lavaserver`);
      await cluster.sql(`SET ROLE lavaserver; ${sql}`, name);
    },
    sql: (name, sql) => cluster.sql(`SET ROLE lavaserver; ${sql}`, name),
    ask(probe, name, version) {
      mkdirSync(join(folder, 'lava_common'), { recursive: true });
      writeFileSync(join(folder, 'lava_common/VERSION'), `${version}\n`);
      writeFileSync(
        join(folder, 'instance.conf'),
        `LAVA_DB_NAME="${name}"\nLAVA_DB_USER="lavaserver"\nLAVA_DB_PASSWORD="a-word"\nLAVA_DB_PORT="${cluster.port}"\n`,
      );
      const [, body = ''] = /<<'LAVA_PLAY_TEXT'\n([\s\S]*?)LAVA_PLAY_TEXT\n/.exec(probe) ?? [];
      const input = Buffer.from(body, 'base64')
        .toString()
        .replaceAll('/etc/lava-server/', `${folder}/`)
        .replaceAll('/usr/lib/python3/dist-packages/', `${folder}/`)
        .replaceAll('getpwnam("lavaserver")', 'getpwnam("nobody")');
      const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-I', '-'], {
        input,
        encoding: 'utf8',
      });
      if (stderr !== '') throw new Error(stderr);
      return stdout;
    },
    async drop() {
      rmSync(folder, { recursive: true, force: true });
      await cluster.drop();
    },
  };
}
