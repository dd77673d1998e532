import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EmbeddedHost } from './embedded_host.ts';
import type { EmbeddedLab } from './embedded_lab.ts';

/**
 * What a fuse ends: the program that burns it, the subshell that runs that, or the shell that runs the scripts. `nobody`
 * waits until the test has done what it wants.
 */
export type Victim = 'program' | 'step' | 'shell' | 'nobody';

/** Where a fuse burns down. */
export interface FuseLength {
  /** So many programs are run before. */
  readonly programs: number;
  /** Which of them count: those of a host that is being changed, or all. */
  readonly counts: 'while locked' | 'always';
}

/** A fuse that has been lit. */
export interface Fuse {
  isBurnt(): boolean;
  /** Whether the program that burnt it waits to be released. */
  isWaiting(): boolean;
  release(): void;
}

/**
 * Gives every program of a lab's hosts a fuse, and lets `mv` write down how it is called as the stand-ins do.
 *
 * What a stand-in calls does not count: it stands for one program, which is not ours to harden.
 */
export function plantFuses({ folder }: EmbeddedLab): void {
  const programs = join(folder, 'programs');
  for (const name of readdirSync(programs)) {
    const path = join(programs, name);
    const target = readlinkSync(path);
    const isStandIn = target.includes('/stand_ins/');
    rmSync(path);
    writeFileSync(path, wrapper(name, target, isStandIn), { mode: 0o755 });
  }
}

function wrapper(name: string, target: string, isStandIn: boolean): string {
  return [
    '#!/bin/sh',
    'lit() { read -r left <"$STAND_IN_HOST/fuse"; }',
    'if [ "$IN_STAND_IN" != yes ] && lit 2>/dev/null; then . "$STAND_IN_HOST/burn"; fi',
    isStandIn ? 'export IN_STAND_IN=yes' : '',
    name === 'mv' ? `printf 'mv %s\\n' "$*" >>"$STAND_IN_HOST/arguments"` : '',
    `exec ${target} "$@"`,
    '',
  ].join('\n');
}

const KILLS: Readonly<Record<Victim, string>> = {
  program: 'kill -KILL $$',
  step: '[ "$PPID" = "$group" ] || kill -KILL "$PPID"; kill -KILL $$',
  shell: 'kill -KILL "$group"',
  nobody:
    ': >"$STAND_IN_HOST/burnt"; while [ -e "$STAND_IN_HOST/burnt" ]; do /bin/sleep 0.01; done',
};

/** Lights the fuse of a host. */
export function lightFuse(
  { root }: EmbeddedHost,
  { programs, counts }: FuseLength,
  victim: Victim,
): Fuse {
  const at = (name: string): string => join(dirname(root), name);
  const [fuse, burnt] = [at('fuse'), at('burnt')];
  const isCounted = counts === 'always' ? ':' : `[ -L "${root}/run/lava-play.lock" ]`;
  writeFileSync(
    at('burn'),
    `if ${isCounted}; then
  left=$((left - 1))
  echo $left >"$STAND_IN_HOST/fuse"
  if [ $left -le 0 ]; then
    /bin/rm "$STAND_IN_HOST/fuse"
    read -r group </proc/self/stat
    group=\${group##*) } group=\${group#* } group=\${group#* } group=\${group%% *}
    ${KILLS[victim]}
  fi
fi
`,
  );
  writeFileSync(fuse, `${programs}\n`);
  return {
    isBurnt: () => !existsSync(fuse),
    isWaiting: () => existsSync(burnt),
    release: () => rmSync(burnt, { force: true }),
  };
}

/** Takes the fuse of a host away, so that nothing more can burn it. */
export function putOut({ root }: EmbeddedHost): void {
  rmSync(join(dirname(root), 'fuse'), { force: true });
}
