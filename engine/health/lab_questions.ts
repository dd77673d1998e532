import type { LabView } from '../module.ts';
import { capacity } from './lab_wide/capacity.ts';
import { identity } from './lab_wide/identity.ts';
import { mtu } from './lab_wide/mtu.ts';
import { names } from './lab_wide/names.ts';
import type { LabQuestion } from './question.ts';

/** What is asked of the hosts that are checked and only means something together. */
export function labQuestions(lab: LabView): readonly LabQuestion[] {
  return [identity, mtu, ...names(lab), capacity(lab)];
}
