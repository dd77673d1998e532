import type { Status } from '../status/lab_status.ts';
import { type Html, html } from './html.ts';

/** What a state is called and how it is drawn, for people who see it and for those who hear it. */
const SIGNS: Readonly<Record<Status, readonly [sign: string, word: string]>> = {
  good: ['●', 'well'],
  warning: ['▲', 'warning'],
  bad: ['✖', 'problem'],
  off: ['○', 'out of use'],
  unknown: ['◇', 'not known'],
};

/** A state for eyes and, as a word, for ears. */
export function sign(status: Status): Html {
  const [symbol, word] = SIGNS[status];
  return html`<span class="sign" aria-hidden="true">${symbol}</span><span class="hidden">${word}: </span>`;
}

/** Of a board that runs a job, in the place of its state. */
export const busySign = html`<span class="sign" aria-hidden="true">▶</span>`;

/** What the signs mean. */
export function legend(): Html {
  return html`<p class="legend">${Object.entries(SIGNS).map(
    ([status, [symbol, word]]) =>
      html`<span class="${status}"><span class="sign" aria-hidden="true">${symbol}</span>${word}</span> `,
  )}<span class="busy">${busySign}at work</span></p>`;
}
