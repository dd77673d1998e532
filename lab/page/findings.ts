import type { HostFinding } from '../../engine/extend.ts';
import { type FindingGroup, groupFindings, hostsInWords } from '../status/finding_groups.ts';
import { type Html, html } from './html.ts';

/** What is shown before one asks for more. */
const SHOWN = 9;

/** What is wrong, worst first, each thing once with all hosts that have it. */
export function findings(told: readonly HostFinding[]): Html {
  const groups = groupFindings(told);
  const rest = groups.slice(SHOWN);
  return html`<section aria-labelledby="findings-head" class="wrong"><h2 id="findings-head">What is wrong</h2>
${groups.length === 0 && html`<p class="empty">Nothing was found.</p>`}
<ul class="findings">
${groups.slice(0, SHOWN).map(groupItem)}</ul>
${rest.length > 0 && html`<details><summary>${rest.length} more</summary><ul class="findings">${rest.map(groupItem)}</ul></details>`}
</section>`;
}

function groupItem({ severity, check, what, fix, hosts, members }: FindingGroup): Html {
  const [first] = members;
  const seen = members.flatMap(({ alsoSeen }) => alsoSeen);
  return html`<li class="finding ${severity}" data-search>
<h3><span class="badge">${severity}</span> ${
    hosts.length === 1 ? html`<a href="#host-${hosts[0]}">${hosts[0]}</a>` : hostsInWords(hosts)
  } ${what}</h3>
${
  members.length === 1
    ? html`<pre>${first?.evidence}</pre>`
    : html`<details><summary>what each shows</summary><ul>${members.map(
        ({ host, evidence }) => html`<li><a href="#host-${host}">${host}</a> ${evidence}</li>`,
      )}</ul></details>`
}
<p class="fix">${fix}</p>
${seen.length > 0 && html`<details><summary>felt by ${hostsInWords([...new Set(seen.map(({ host }) => host))])}</summary><ul>${seen.map(({ host, evidence }) => html`<li>${host}: ${evidence}</li>`)}</ul></details>`}
<p class="check">${check}</p>
</li>
`;
}
