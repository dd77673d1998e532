/**
 * The tables of LAVA that lava-play reads, as SQL: names and types as LAVA's migrations leave them, with some of the
 * columns that nobody reads, and without what they refer to.
 *
 * `2023.01` is up to lava_scheduler_app 0056, `2026.10` up to 0074 (models.py and migrations of both packages).
 */
const COMMON = `
CREATE TABLE django_migrations (id serial PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL,
  applied timestamptz NOT NULL DEFAULT now());
CREATE TABLE django_content_type (id serial PRIMARY KEY, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL,
  UNIQUE (app_label, model));
INSERT INTO django_content_type (app_label, model) VALUES ('auth', 'user'), ('lava_scheduler_app', 'device'),
  ('lava_scheduler_app', 'worker'), ('lava_scheduler_app', 'testjob');
CREATE TABLE auth_user (id serial PRIMARY KEY, password varchar(128) NOT NULL, last_login timestamptz,
  is_superuser boolean NOT NULL, username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL,
  last_name varchar(150) NOT NULL, email varchar(254) NOT NULL, is_staff boolean NOT NULL, is_active boolean NOT NULL,
  date_joined timestamptz NOT NULL);
INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
  VALUES ('!', false, 'lava-health', '', '', '', false, true, now());
CREATE TABLE auth_group (id serial PRIMARY KEY, name varchar(150) NOT NULL UNIQUE);
CREATE TABLE auth_user_groups (id serial PRIMARY KEY, user_id integer NOT NULL, group_id integer NOT NULL);
CREATE TABLE auth_permission (id serial PRIMARY KEY, name varchar(255) NOT NULL, content_type_id integer NOT NULL,
  codename varchar(100) NOT NULL);
CREATE TABLE auth_user_user_permissions (id serial PRIMARY KEY, user_id integer NOT NULL, permission_id integer NOT NULL);
CREATE TABLE linaro_django_xmlrpc_authtoken (id serial PRIMARY KEY, secret varchar(128) NOT NULL UNIQUE,
  description text NOT NULL, created_on timestamptz NOT NULL, last_used_on timestamptz, user_id integer NOT NULL);
CREATE TABLE django_admin_log (id serial PRIMARY KEY, action_time timestamptz NOT NULL, object_id text,
  object_repr varchar(200) NOT NULL, action_flag smallint NOT NULL CHECK (action_flag >= 0),
  change_message text NOT NULL, content_type_id integer, user_id integer NOT NULL);
CREATE TABLE lava_scheduler_app_worker (hostname varchar(200) PRIMARY KEY, description text, state integer NOT NULL,
  health integer NOT NULL, last_ping timestamptz NOT NULL, job_limit integer NOT NULL, version varchar(50),
  token varchar(32) NOT NULL);
CREATE TABLE lava_scheduler_app_devicetype (name varchar(50) PRIMARY KEY, health_frequency integer NOT NULL,
  disable_health_check boolean NOT NULL, display boolean NOT NULL, description text);
CREATE TABLE lava_scheduler_app_alias (name varchar(200) PRIMARY KEY, device_type_id varchar(50));
CREATE TABLE lava_scheduler_app_device (hostname varchar(200) PRIMARY KEY, device_version varchar(200),
  description text, state integer NOT NULL, health integer NOT NULL, device_type_id varchar(50) NOT NULL,
  physical_owner_id integer, physical_group_id integer, last_health_report_job_id integer, worker_host_id varchar(200),
  is_synced boolean NOT NULL);
CREATE TABLE lava_scheduler_app_device_tags (id serial PRIMARY KEY, device_id varchar(200) NOT NULL, tag_id integer NOT NULL);
`;

const TABLES = {
  '2023.01': `${COMMON}
CREATE TABLE lava_scheduler_app_tag (id serial PRIMARY KEY, name varchar(50) NOT NULL UNIQUE, description text);
CREATE TABLE lava_scheduler_app_testjob (id serial PRIMARY KEY, state integer NOT NULL, health integer NOT NULL,
  description varchar(200), actual_device_id varchar(200), submitter_id integer NOT NULL);
INSERT INTO django_migrations (app, name) VALUES ('lava_scheduler_app', '0055_notificationcallback_header'),
  ('lava_scheduler_app', '0056_testjob_queue_timeout');
`,
  '2026.10': `${COMMON}
CREATE TABLE lava_scheduler_app_tag (id serial PRIMARY KEY, name varchar(100) NOT NULL UNIQUE, description text);
CREATE TABLE lava_scheduler_app_testjob (id serial PRIMARY KEY, state integer NOT NULL, health integer NOT NULL,
  description varchar(200), actual_device_id varchar(200), requested_device_id varchar(200),
  requested_worker_id varchar(200), metadata jsonb NOT NULL DEFAULT '{}', pool_pattern varchar(200), submitter_id integer NOT NULL);
CREATE TABLE lava_scheduler_app_lavalogentryworker (id bigserial PRIMARY KEY, action_time timestamptz NOT NULL,
  action_flag smallint NOT NULL, change_message text NOT NULL, user_id integer NOT NULL, worker_id varchar(200) NOT NULL);
CREATE TABLE lava_scheduler_app_lavalogentrydevice (id bigserial PRIMARY KEY, action_time timestamptz NOT NULL,
  action_flag smallint NOT NULL, change_message text NOT NULL, device_id varchar(200) NOT NULL,
  user_id integer NOT NULL, worker_id varchar(200));
INSERT INTO django_migrations (app, name) VALUES ('lava_scheduler_app', '0001_squashed_0056_testjob_queue_timeout'),
  ('lava_scheduler_app', '0071_lava_log_entry'), ('lava_scheduler_app', '0074_testjob_add_missing_permissions');
`,
} as const;

/** A LAVA whose tables can be made. */
export type LavaVersion = keyof typeof TABLES;

/** All of them. */
export const LAVA_VERSIONS = Object.keys(TABLES) as readonly LavaVersion[];

/** SQL that makes the tables of a LAVA in an empty database. */
export function lavaTables(version: LavaVersion): string {
  return TABLES[version];
}

/** SQL that writes to LAVA's log what `log_admin_entry` of its models would. */
export function logEntry(
  version: LavaVersion,
  model: 'worker' | 'device',
  name: string,
  message: string,
): string {
  const user = "(SELECT id FROM auth_user WHERE username = 'lava-health')";
  if (version === '2026.10') {
    return `INSERT INTO lava_scheduler_app_lavalogentry${model} (action_time, action_flag, change_message, user_id, ${model}_id)
  VALUES (clock_timestamp(), 2, '${message}', ${user}, '${name}');`;
  }
  return `INSERT INTO django_admin_log (action_time, object_id, object_repr, action_flag, change_message, content_type_id, user_id)
  VALUES (clock_timestamp(), '${name}', '${name}', 2, '${message}',
  (SELECT id FROM django_content_type WHERE app_label = 'lava_scheduler_app' AND model = '${model}'), ${user});`;
}

/**
 * SQL that makes the log of a LAVA 2023.01 that of a 2026.10, as the migration 0071 does: entries of what still exists
 * are copied, the newest first, and deleted; the tables are empty ones of 2026.10.
 */
export const LOG_MOVES = (['device', 'worker'] as const)
  .map(
    (
      model,
    ) => `INSERT INTO lava_scheduler_app_lavalogentry${model} (action_time, action_flag, change_message, user_id, ${model}_id)
  SELECT action_time, action_flag, change_message, user_id, object_id FROM django_admin_log
  WHERE object_id IN (SELECT hostname FROM lava_scheduler_app_${model}) AND content_type_id =
    (SELECT id FROM django_content_type WHERE app_label = 'lava_scheduler_app' AND model = '${model}')
  ORDER BY action_time DESC;
DELETE FROM django_admin_log WHERE content_type_id =
  (SELECT id FROM django_content_type WHERE app_label = 'lava_scheduler_app' AND model = '${model}')
  AND object_id IN (SELECT hostname FROM lava_scheduler_app_${model});`,
  )
  .join('\n');
