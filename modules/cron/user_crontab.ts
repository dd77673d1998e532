import { printText, type Resource, sh } from '../../engine/sdk.ts';

/** The crontab of a user, edited through crontab(1), which checks it and tells cron. */
export function userCrontab(user: string, edit: (now: string) => string): Resource<string> {
  return {
    id: `crontab of ${user}`,
    probe: [
      'command -v crontab >/dev/null || exit 0',
      sh`if said=$(crontab -u ${user} -l 2>&1; echo end); then printf '%s' "\${said%end}"; fi`,
    ].join('\n'),
    parse: (output) => (/^no crontab for |^crontab: user .* unknown/.test(output) ? '' : output),
    change(now) {
      const text = edit(now);
      if (text === now) return undefined;
      return {
        before: now,
        after: text,
        steps: [
          {
            title: `write the crontab of ${user}`,
            script:
              text === ''
                ? sh`crontab -u ${user} -r`
                : `{ ${printText(text)}} | ${sh`crontab -u ${user} -`}`,
          },
        ],
        next: text,
      };
    },
  };
}
