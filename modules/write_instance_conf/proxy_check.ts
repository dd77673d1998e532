import { bracketed, type Check, type LabView, unbracketed } from '../../engine/sdk.ts';

/** The lab's own proxy must let its workers in; what a proxy of somebody else's lets through is his business. */
export function proxyCheck(proxy: string, master: string, lab: LabView): readonly Check[] {
  const ours = (lab.groups.proxy ?? []).map((name) => lab.hosts[name]?.address);
  const [, address = '', port = '80'] =
    /^http:\/\/(\[[^\]]+\]|[^@/:]+)(?::(\d+))?\/?$/.exec(proxy) ?? [];
  const host = unbracketed(address);
  if (master === '' || !ours.includes(host)) return [];
  const url = `http://${bracketed(master)}/`;
  return [{ kind: 'http_proxy', host, port: Number(port), url, expect: 'let in' }];
}
