import type { Finding, HealthQuery, LabView } from '../../engine/sdk.ts';
import { judgeRole } from './own_login.ts';
import { judgeConnections, judgeListen, judgeRunning, serverThing } from './running.ts';
import { type Answer, answerOf, healthProbe, type WantedDatabase } from './server_answer.ts';
import { statementTimeouts } from './statement_timeouts.ts';
import { judgeClients, judgeRules, judgeTrust } from './who_gets_in.ts';

/** Whether LAVA's database runs, listens, and lets the machines of the lab in and nobody else. */
export function databaseHealth(wanted: WantedDatabase, lab: LabView): readonly HealthQuery[] {
  const probe = healthProbe(wanted);
  const about =
    (judge: (answer: Answer) => readonly Finding[]) =>
    (output: string): readonly Finding[] => {
      const answer = answerOf(output, wanted);
      return answer ? judge(answer) : [];
    };
  return [
    {
      id: 'postgres_allow_remote.running',
      probe,
      judge: (output: string) => judgeRunning(output, wanted),
      things: (output: string) => [serverThing(output, wanted)],
    },
    { id: 'postgres_allow_remote.listen', probe, judge: about(judgeListen) },
    { id: 'postgres_allow_remote.trust', probe, judge: about(judgeTrust) },
    {
      id: 'postgres_allow_remote.clients',
      probe,
      judge: about((answer) => judgeClients(answer, wanted, lab)),
    },
    { id: 'postgres_allow_remote.rules', probe, judge: about(judgeRules) },
    {
      id: 'postgres_allow_remote.role',
      probe,
      judge: about((answer) => judgeRole(answer, wanted)),
    },
    { id: 'postgres_allow_remote.connections', probe, judge: about(judgeConnections) },
    statementTimeouts(wanted),
  ];
}
