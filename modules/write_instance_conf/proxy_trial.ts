import { bracketed, type LabView, type Trial, unbracketed } from '../../engine/sdk.ts';

/** The lab's own proxy must let its workers in; what a proxy of somebody else's lets through is his business. */
export function proxyTrial(proxy: string, master: string, lab: LabView): readonly Trial[] {
  const ours = (lab.groups.proxy ?? []).map((name) => lab.hosts[name]?.address);
  const [, address = '', port = '80'] =
    /^http:\/\/(\[[^\]]+\]|[^@/:]+)(?::(\d+))?\/?$/.exec(proxy) ?? [];
  const host = unbracketed(address);
  if (master === '' || !ours.includes(host)) return [];
  const url = `http://${bracketed(master)}/`;
  return [{ kind: 'http_proxy', host, port: Number(port), url, expect: 'let in' }];
}
