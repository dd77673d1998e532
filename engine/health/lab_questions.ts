import { capacity } from '../../lab/capacity/capacity.ts';
import { identity } from '../../lab/network/identity.ts';
import { names } from '../../lab/network/names.ts';
import type { LabQuestion } from '../contract/health_question.ts';
import type { LabView } from '../contract/module.ts';
import { mtu } from './lab_wide/mtu.ts';

/** What is asked of the hosts that are checked and only means something together. */
export function labQuestions(lab: LabView): readonly LabQuestion[] {
  return [identity, mtu, ...names(lab), capacity(lab)];
}
