/** A schema's `pattern` for names of users and groups, as useradd(8) takes them in Debian 12. */
export const ACCOUNT_NAME = '^[a-z_][a-z0-9_-]{0,31}$';
