import { beforeAll, expect, test } from 'vitest';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { labAccess, labExec, labHosts, resetHost } from './lab.ts';

describeOnLab('an account that a service has', () => {
  let database: string;
  let dropIn: string;

  const apply = () =>
    lavaPlay(['apply', labAccess().inventoryFile, '--limit', 'database', '--json']);
  const onHost = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await labExec(database, command);
    expect(code, `${command}: ${stderr}`).toBe(0);
    return stdout.trim();
  };
  const asPostgres = (command: string): Promise<string> =>
    onHost(`runuser -u postgres -- sh -c '${command}'`);
  const failure = (events: string): string | undefined =>
    ofType(eventsOf(events), 'host-failed')[0]?.failure.message;

  beforeAll(async () => {
    database = labHosts()[0]?.name ?? '';
    await resetHost(database);
    const first = await apply();
    expect(first.code, first.stdout).toBe(0);
    dropIn = await onHost('ls /etc/postgresql/*/main/conf.d/lava-play.conf');
    await onHost('echo LANG=C.UTF-8 >/etc/environment');
  });

  const environment = (): Promise<string> =>
    onHost('stat -c "%a %U %G %Y %i" /etc/environment && cat /etc/environment');

  test('gets no file of root’s by a link in the place of ours', async () => {
    const before = await environment();
    await asPostgres(`rm ${dropIn} && ln -s /etc/environment ${dropIn}`);
    const { code, stdout } = await apply();
    expect(code).toBe(1);
    expect(failure(stdout)).toMatch(
      /lava-play\.conf is a symbolic link that is not followed: \S+ is not under root's control alone \(0755 postgres:postgres\)/,
    );
    expect(stdout).not.toContain('LANG=C.UTF-8');
    expect(await environment()).toBe(before);
  });

  test('gets no folder of root’s by a link in the place of the folder around it', async () => {
    const before = await onHost(
      'stat -c "%a %U %Z" /etc/cron.d && ls -la --time-style=+ /etc/cron.d',
    );
    const folder = dropIn.slice(0, dropIn.lastIndexOf('/'));
    await asPostgres(`rm ${dropIn} && rmdir ${folder} && ln -s /etc/cron.d ${folder}`);
    const { code, stdout } = await apply();
    expect(code).toBe(1);
    expect(failure(stdout)).toContain(`the symbolic link ${folder} on the way to ${dropIn}`);
    expect(
      await onHost('stat -c "%a %U %Z" /etc/cron.d && ls -la --time-style=+ /etc/cron.d'),
    ).toBe(before);
    await asPostgres(`rm ${folder} && mkdir ${folder}`);
  });

  test('has its file again as soon as the link is gone', async () => {
    const { code, stdout } = await apply();
    expect(code, stdout).toBe(0);
    expect(await onHost(`stat -c "%a %U %F" ${dropIn}`)).toBe('644 postgres regular file');
    const again = await apply();
    expect(ofType(eventsOf(again.stdout), 'run-finished')[0]?.hosts).toEqual([
      expect.objectContaining({ host: database, outcome: 'unchanged', scripts: 2 }),
    ]);
  });
});
