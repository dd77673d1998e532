import type { Extension } from '../contract/extension.ts';
import type { LabQuery } from '../contract/health_query.ts';
import type { LabView } from '../contract/module.ts';
import { mtu } from './lab_wide/mtu.ts';

/** What is asked of the hosts that are checked and only means something together. */
export function labQuestions(lab: LabView, { questions }: Extension): readonly LabQuery[] {
  return [mtu, ...questions(lab)];
}
