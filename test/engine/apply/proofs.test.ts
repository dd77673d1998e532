import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunOptions, RunResult } from '../../../engine/apply/options.ts';
import type { Task } from '../../../engine/contract/task.ts';
import type { Trial } from '../../../engine/contract/trial.ts';
import { type Proof, Refused } from '../../../engine/sdk.ts';
import { freePort } from '../../support/free_port.ts';
import { ofType } from '../../support/program.ts';
import { events, made, outcomes, play, roots, runPlays, wants } from '../../support/run_plays.ts';

describe('what services must say of themselves', () => {
  /** A task with three proofs by what `says` in the private root says. */
  function proving(desired: Task['module']['desired']): Task {
    const task = wants('p');
    const proof = (subject: string): Proof => ({
      subject,
      probe: `cat '${roots.get('a')?.folder}/says'`,
      judge(output) {
        if (output.includes(`${subject} gone`))
          return { state: 'proved', words: `${subject} is gone` };
        if (output.includes(`${subject} busy`))
          return { state: 'not yet', words: `${subject} works` };
        throw new Refused(`${subject} is still there`, 'look at it');
      },
    });
    const proofs = (): readonly Proof[] => ['x', 'y', 'z'].map(proof);
    return { ...task, module: { ...task.module, desired, proofs } };
  }

  async function proved(
    says: string | undefined,
    more: Partial<RunOptions> = {},
    desired = wants('p').module.desired,
  ): Promise<RunResult> {
    const tasks = new Map([['a', [proving(desired)]]]);
    return runPlays([play('p', ['a'], { tasks })], ['a'], {
      report(event) {
        events.push(event);
        if (event.type === 'host-connecting' && says !== undefined)
          writeFileSync(join(roots.get('a')?.folder ?? '', 'says'), says);
      },
      ...more,
    });
  }

  test('is asked at the end in one script, and told', async () => {
    const { proofs, hosts } = await proved('x gone, y busy, z gone');
    expect(proofs.map(({ subject, state, words }) => [subject, state, words])).toEqual([
      ['x', 'proved', 'x is gone'],
      ['y', 'not yet', 'y works'],
      ['z', 'proved', 'z is gone'],
    ]);
    expect(hosts).toMatchObject([{ outcome: 'changed', scripts: 6 }]);
    expect(ofType(events, 'proved').map(({ proof }) => proof)).toEqual(['x is gone', 'z is gone']);
  });

  test('is a failure of the host when it is otherwise', async () => {
    const { proofs, hosts } = await proved('x gone, y busy');
    expect(proofs).toMatchObject([{}, {}, { subject: 'z', state: 'failed' }]);
    expect(hosts).toMatchObject([{ outcome: 'failed' }]);
    expect(ofType(events, 'host-failed').map(({ failure }) => failure)).toMatchObject([
      { code: 'not-proved', message: 'z is still there', hint: 'look at it', task: 'wants p' },
    ]);
  });

  test('is a failure when nothing is said', async () => {
    const { proofs, hosts } = await proved(undefined);
    expect([proofs, hosts]).toMatchObject([[], [{ outcome: 'failed' }]]);
  });

  test('is asked without a change only where it must be', async () => {
    const says = 'x gone, y gone, z gone';
    const right = () => [];
    const usual = await proved(says, {}, right);
    expect([usual.proofs, usual.hosts]).toMatchObject([[], [{ outcome: 'unchanged' }]]);
    const { proofs, hosts } = await proved(says, { proofs: 'always' }, right);
    expect([proofs.length, hosts]).toMatchObject([3, [{ outcome: 'unchanged' }]]);
    expect(hosts[0]?.scripts).toBe((usual.hosts[0]?.scripts ?? 0) + 1);
    const dry = await proved(says, { proofs: 'always', mode: 'dry run' });
    expect(dry.proofs).toEqual([]);
  });

  test('is not asked of a host that failed before', async () => {
    const fails: Task['module']['desired'] = () => {
      throw new Refused('no room');
    };
    const { proofs, hosts } = await proved('x gone, y gone, z gone', { proofs: 'always' }, fails);
    expect([proofs, hosts]).toMatchObject([[], [{ outcome: 'failed' }]]);
    expect(ofType(events, 'host-failed').map(({ failure }) => failure.message)).toEqual([
      'no room',
    ]);
  });
});

describe('a check from the host itself', () => {
  const checking = (port: number): Task => {
    const task = wants('p');
    const trials = (): readonly Trial[] => [{ kind: 'tcp', host: '127.0.0.1', port }];
    return { ...task, module: { ...task.module, trials } };
  };

  test('fails the host and names the task, though all was made', async () => {
    const port = await freePort();
    const tasks = new Map([['a', [checking(port)]]]);
    const result = await runPlays([play('p', ['a'], { tasks })], ['a']);
    expect([outcomes(result), made('a', 'p')]).toEqual([{ a: 'failed' }, true]);
    expect(ofType(events, 'host-failed')).toMatchObject([
      { failure: { task: 'wants p', message: expect.stringContaining(`127.0.0.1:${port}`) } },
    ]);
  });

  test('comes before the proofs, which a host that fails it is not asked for', async () => {
    const task = checking(await freePort());
    const proofs = (): readonly Proof[] => expect.unreachable('the host has failed');
    const tasks = new Map([['a', [{ ...task, module: { ...task.module, proofs } }]]]);
    const result = await runPlays([play('p', ['a'], { tasks })], ['a']);
    expect(ofType(events, 'host-failed')).toHaveLength(1);
    expect(result.proofs).toEqual([]);
  });
});

test('of a late task, what it stands for is proved', async () => {
  const seen: unknown[] = [];
  const proofs = ({ args }: { args: unknown }): readonly Proof[] => {
    seen.push(args);
    return [];
  };
  const plain = wants('p');
  const own = { entry: '0.0', key: '0.0' };
  const task = { ...plain, args: { a: 'x' }, module: { ...plain.module, proofs }, flow: own };
  const flow = { ...own, late: () => [task] };
  const tasks = new Map([['a', [{ ...task, args: undefined, flow }]]]);
  const result = await runPlays([play('p', ['a'], { tasks })], ['a']);
  expect([outcomes(result), seen]).toEqual([{ a: 'changed' }, [{ a: 'x' }]]);
});
