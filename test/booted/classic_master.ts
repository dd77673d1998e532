import { readFileSync } from 'node:fs';
import { type MasterState, masterProgram } from '../support/xmlrpc_master.ts';
import { type LabHost, labExec } from './lab.ts';

/** What stands in for a classic master on a lab host. */
export interface ClassicMaster {
  /** Of its XML-RPC, by https, as a heartbeat carries a token. */
  readonly url: string;
  state(): Promise<MasterState>;
}

/** What it knows. */
interface Known {
  readonly token: string;
  readonly devices: readonly string[];
}

const INSTALL =
  'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends';
const CERTIFICATE = '/root/master.pem';
const AUTHORITY = '/usr/local/share/ca-certificates/lab.crt';

/**
 * Starts on a master what no Debian can install any more: the XML-RPC of classic LAVA, on ports 80 and 443, with a
 * certificate that its workers trust.
 */
export async function startClassicMaster(
  master: LabHost,
  workers: readonly LabHost[],
  { token, devices }: Known,
): Promise<ClassicMaster> {
  await on(master, `${INSTALL} python3 openssl`);
  await on(master, 'cat > /root/master.py', readFileSync(masterProgram, 'utf8'));
  const certificate = await on(
    master,
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=lab \\
  -addext subjectAltName=IP:${master.address} -keyout ${CERTIFICATE} -out /root/master.crt 2>/dev/null
cat /root/master.crt >> ${CERTIFICATE}; cat /root/master.crt`,
  );
  for (const worker of workers) {
    await on(worker, `${INSTALL} ca-certificates`);
    await on(worker, `cat > ${AUTHORITY} && update-ca-certificates`, certificate);
  }
  const words = [
    ...['--address', '0.0.0.0', '--port', '80', '--tls-port', '443', '--certificate', CERTIFICATE],
    ...['--login', `lava-health:${token}`],
    ...devices.flatMap((device) => ['--device', device]),
  ];
  await on(master, `systemd-run --unit=stand-in python3 /root/master.py ${words.join(' ')}`);
  const asked = `python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1/control").read().decode())'`;
  return {
    url: `https://${master.address}/RPC2`,
    state: async () => JSON.parse(await on(master, asked)),
  };
}

async function on(host: LabHost, command: string, stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await labExec(host.name, command, { stdin, timeoutMs: 300_000 });
  if (code === 0) return stdout;
  throw new Error(`${host.name}: ${command} ended with ${code}\n${stderr}`);
}
