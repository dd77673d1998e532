import { expect, test } from 'vitest';
import { hostAt, masterSeenBy } from '../../../lab/network/host_at.ts';
import { labWith } from '../../support/health.ts';

const forwards = { http: { listen: 10080, host: 'lava.example.org', port: 80 } };
const common = { master: 'lava.example.org', db: { server: 'db.example.org' } };
const far = {
  ...{ master: '127.0.0.1', master_url: 'http://127.0.0.1:10080/', db: { server: '127.0.0.1' } },
  tunnel: { through: 'master', address: '192.0.2.11', forwards },
};
const lab = labWith(
  { db: ['database'], master: ['master'], near01: ['workers'], far01: ['workers'] },
  {
    db: { lava: common },
    master: { lava: { ...common, master_url: 'https://lava.lab/' } },
    near01: { lava: common },
    far01: { lava: far },
  },
);
const seen = (host: string, port?: number, from = 'near01'): string | undefined => {
  const view = lab.hosts[from];
  if (!view) throw new Error(`no ${from}`);
  return hostAt({ host, ...(port !== undefined && { port }) }, view, lab);
};

test('hosts are known by their addresses, and master and database by further names', () => {
  expect(seen('192.0.2.10')).toBe('db');
  expect(seen('near01')).toBe('near01');
  expect(seen('lava.example.org')).toBe('master');
  expect(seen('lava.lab')).toBe('master');
  expect(seen('db.example.org')).toBe('db');
  expect(seen('203.0.113.1')).toBeUndefined();
  expect(seen('127.0.0.1', 10080)).toBeUndefined();
});

test('what is at the near end of a tunnel is where the tunnel leads', () => {
  expect(seen('127.0.0.1', 10080, 'far01')).toBe('master');
  expect(seen('127.0.0.1', 7001, 'far01')).toBeUndefined();
});

test('each worker has its own way to the page of the master', () => {
  expect(masterSeenBy(lab.hosts.far01, 'master')).toEqual({ host: '127.0.0.1', port: 10080 });
  expect(masterSeenBy(lab.hosts.near01, 'master')).toEqual({ host: 'master' });
  expect(masterSeenBy(lab.hosts.master, 'master')).toEqual({ host: 'lava.lab', port: 443 });
});
