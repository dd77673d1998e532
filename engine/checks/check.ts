/** A full login to PostgreSQL, seen by the server as coming from the host that makes the check. */
export interface PostgresCheck {
  readonly kind: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** As libpq's sslmode; `prefer` tries TLS first and goes on without where the server has none. */
  readonly sslmode: 'disable' | 'prefer' | 'require';
}

/** Something that must work from a host once the lab is applied. */
export type Check = PostgresCheck;
