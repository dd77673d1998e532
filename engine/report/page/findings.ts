import type { HostFinding } from '../../health/finding.ts';
import { type Html, html } from './html.ts';

/** Findings that are shown before one asks for more. */
const SHOWN = 9;

/** What is wrong, worst first. */
export function findings(told: readonly HostFinding[]): Html {
  return html`<section aria-labelledby="findings-head"><h2 id="findings-head">What is wrong</h2>
${told.length === 0 && html`<p class="empty">Nothing was found.</p>`}
<ul class="findings">
${told.slice(0, SHOWN).map(findingItem)}</ul>
${told.length > SHOWN && html`<details><summary>${told.length - SHOWN} more</summary><ul class="findings">${told.slice(SHOWN).map(findingItem)}</ul></details>`}
</section>`;
}

function findingItem({ host, severity, what, evidence, fix, check, alsoSeen }: HostFinding): Html {
  return html`<li class="finding ${severity}" data-search>
<h3><span class="badge">${severity}</span> <a href="#host-${host}">${host}</a> ${what}</h3>
<pre>${evidence}</pre>
<p class="fix">${fix}</p>
${alsoSeen.length > 0 && html`<details><summary>felt by ${hostsIn(alsoSeen)}</summary><ul>${alsoSeen.map((seen) => html`<li>${seen.host}: ${seen.evidence}</li>`)}</ul></details>`}
<p class="check">${check}</p>
</li>
`;
}

/** `worker01, worker02 and 7 more`. */
function hostsIn(seen: HostFinding['alsoSeen']): string {
  const names = [...new Set(seen.map(({ host }) => host))];
  const more = names.length - 3;
  return `${names.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
