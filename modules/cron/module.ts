import { absent, defineModule, file, Refused } from '../../engine/sdk.ts';
import { cronSchema } from './arguments.ts';
import { withJob, withVariable } from './crontab.ts';
import { userCrontab } from './user_crontab.ts';

/** A job of cron, as the module of Ansible wants it. */
export default defineModule({
  name: 'cron',
  summary: 'A job of cron, or a variable of a crontab',
  schema: cronSchema,
  example: 'name: old images go\nspecial_time: daily\njob: find /srv/images -mtime +30 -delete\n',
  desired({ args }) {
    const { name, state, env, job, user, cron_file: cronFile } = args;
    const path = cronFile?.startsWith('/') ? cronFile : `/etc/cron.d/${cronFile}`;
    if (name === undefined) {
      if (cronFile !== undefined && state === 'absent') return [absent({ path })];
      throw new Refused('cron needs the name of the job', 'it marks the line in the crontab');
    }
    if (state === 'present' && job === undefined) {
      throw new Refused(`cron needs the job of '${name}'`);
    }
    if (cronFile !== undefined && user === undefined && state === 'present' && !env) {
      throw new Refused(`a job in ${path} needs the user as whom it runs`);
    }
    const time = args.special_time
      ? `@${args.special_time}`
      : [args.minute, args.hour, args.day, args.month, args.weekday].join(' ');
    const off = args.disabled ? '#' : '';
    const line = [`${off}${time}`, ...(cronFile === undefined ? [] : [user]), job].join(' ');
    const edit = (now: string): string =>
      env
        ? withVariable(now, name, state === 'present' ? job : undefined)
        : withJob(now, { name, line: state === 'present' ? line : undefined });
    if (cronFile === undefined) return [userCrontab(user ?? 'root', edit)];
    const table = file({ path, content: edit });
    const whenThere: typeof table = {
      ...table,
      change: (now) =>
        state === 'absent' && now.kind === 'missing' ? undefined : table.change(now),
    };
    return [whenThere];
  },
});
