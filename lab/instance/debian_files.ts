import { databaseHost } from './instance_settings.ts';

/** How Debian's lava-server reaches its database. */
export interface DebianDatabase {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly server: string;
  readonly port: number;
  readonly sslmode: 'disable' | 'prefer' | 'require';
}

const ETC = '/etc/lava-server';

/** Where Debian's lava-server looks for its settings; `database` is read after `conf`, and can say more. */
export const DEBIAN = {
  etc: ETC,
  conf: `${ETC}/instance.conf`,
  more: `${ETC}/settings.d`,
  database: `${ETC}/settings.d/00-lava-play-database.yaml`,
} as const;

/** The database as Django's settings name its parts. */
export function djangoDatabase({ name, user, password, server, port }: DebianDatabase) {
  return { NAME: name, USER: user, PASSWORD: password, HOST: databaseHost(server), PORT: port };
}
