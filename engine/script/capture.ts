import type { Said } from '../contract/action.ts';
import { NOT_NOW } from '../contract/resource.ts';
import { isolated } from './shell.ts';

/** Of what an action prints, and of its errors, so many bytes are kept. */
const MOST = 1_048_576;

/**
 * Shell that runs a script and prints its exit status, then what it said on each channel, for `readSaid`.
 *
 * It ends as the script did, or with 0 where somebody else is to judge it: `exit`. A status 75 of the script's own does
 * not mean "no longer as planned".
 */
export function captured(script: string, exit: 'own' | 'zero'): string {
  return `lp_said=$(umask 077 && mktemp -d) || exit 1
trap 'rm -rf "$lp_said"' EXIT
( set +u
${isolated(script)} ) >"$lp_said/out" 2>"$lp_said/err"
lp_rc=$?
echo "$lp_rc"
head -c ${MOST} "$lp_said/out" | base64
echo -
head -c ${MOST} "$lp_said/err" | base64
${exit === 'own' ? `[ "$lp_rc" -ne ${NOT_NOW} ] || exit 1\nexit "$lp_rc"` : 'exit 0'}`;
}

/** What `captured` printed, taken apart; what does not look so was said before the script began, by the host. */
export function readSaid(output: string, status: number): Said {
  const found = /^(\d+)\n([\w+/=\n]*)-\n([\w+/=\n]*)$/.exec(output);
  if (!found) return { rc: status, stdout: '', stderr: output };
  const [, rc, stdout = '', stderr = ''] = found;
  return { rc: Number(rc), stdout: decoded(stdout), stderr: decoded(stderr) };
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
