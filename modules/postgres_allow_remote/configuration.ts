import { file, type Resource, reload, restart, unit } from '../../engine/sdk.ts';
import { type Cluster, folderOf, unitOf } from '../../lab/database/cluster.ts';
import { fileKeepingAttributes } from './config_file.ts';
import { editPgHba, type Grant, maskPgHba } from './pg_hba.ts';
import { rollBackBrokenPgHba } from './pg_hba_rollback.ts';
import { DROP_IN, dropIn, editPostgresqlConf, editStartConf } from './postgresql_conf.ts';

/** The files of a cluster: where it listens, whom it lets in, and that it starts. */
export function configuration(
  cluster: Cluster,
  listen: readonly string[],
  grant: Grant,
): readonly Resource[] {
  const folder = folderOf(cluster);
  const owner = { owner: cluster.owner, group: cluster.owner };
  const restarted = [restart(unitOf(cluster))];
  return [
    file({
      path: `${folder}/${DROP_IN}`,
      content: dropIn(listen),
      ...owner,
      onChange: restarted,
    }),
    fileKeepingAttributes({
      path: `${folder}/postgresql.conf`,
      content: editPostgresqlConf,
      ...owner,
      onChange: restarted,
    }),
    rollBackBrokenPgHba(
      cluster,
      file({
        path: `${folder}/pg_hba.conf`,
        content: (now) => editPgHba(now, grant),
        mask: maskPgHba,
        mode: '0640',
        ...owner,
        onChange: [reload(unitOf(cluster))],
      }),
    ),
    fileKeepingAttributes({ path: `${folder}/start.conf`, content: editStartConf, ...owner }),
    unit({ name: 'postgresql', enabled: true }),
  ];
}
