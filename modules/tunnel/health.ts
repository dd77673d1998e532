import {
  type Finding,
  type HealthQuery,
  isRunning,
  type PathQuery,
  runningUnits,
  sh,
} from '../../engine/sdk.ts';
import { HEARTBEAT_WAY } from '../../lab/heartbeat/receiver.ts';
import { judgeTraffic, trafficFigures, trafficIn } from '../../lab/network/traffic.ts';
import { judgeWay, WAY_FIGURE } from '../../lab/network/way_to_master.ts';
import type { LabTunnel } from '../../lab/tunnel/lab_tunnel.ts';
import { NEAR_END } from '../../lab/tunnel/near_end.ts';
import { UNIT } from '../../lab/tunnel/ssh_config.ts';
import { gateTrial, tunnelTrial } from '../../lab/tunnel/trials.ts';

/** What does not work on a worker whose tunnel does not, by the kinds of its ways: all that is at the near end. */
const CARRIED: NonNullable<Finding['breaks']> = {
  kinds: [
    'server',
    'postgres',
    'http_proxy',
    'tcp',
    'lava_api',
    'lava_worker',
    HEARTBEAT_WAY,
    'lava_tunnel',
  ],
  ends: 'from',
  at: NEAR_END,
};

/** Whether the tunnel is up and carries anything, from its gate on; that its far ends answer is tried by the trials. */
export function tunnelHealth(tunnel: LabTunnel): readonly HealthQuery[] {
  return [serviceQuery(tunnel), ...paths(tunnel), wayQuery(tunnel)];
}

function paths(tunnel: LabTunnel): readonly PathQuery[] {
  const { through, address, port } = tunnel;
  const own = tunnelTrial(tunnel);
  const common = { breaks: CARRIED, subject: `tunnel to ${through}` };
  return [
    {
      ...{ ...common, id: 'tunnel.gate', trial: gateTrial(tunnel) },
      what: `this worker cannot reach the SSH server of its gate ${through}, at which its tunnel ends`,
    },
    ...(own === undefined
      ? []
      : [
          {
            ...{ ...common, id: 'tunnel.connection', trial: own },
            what: `the tunnel of this worker to ${address}:${port} carries nothing`,
          },
        ]),
  ];
}

/** Latency, rate and losses of the tunnel's own connection: the near end answers at once, whatever lies behind. */
function wayQuery({ address, port }: LabTunnel): HealthQuery {
  return {
    id: 'tunnel.way',
    probe: sh`pid=$(systemctl show -p MainPID --value -- ${UNIT} 2>/dev/null)
ss -HOtnpi state established ${`dport = :${port}`} 2>/dev/null | grep -F "pid=\${pid:-none}," || :`,
    judge(output) {
      const traffic = trafficIn(output);
      const { roundTrip } = traffic ?? {};
      return [
        ...(roundTrip === undefined ? [] : judgeWay(roundTrip, address)),
        ...judgeTraffic(traffic, { address, since: 'the tunnel came up' }),
      ];
    },
    figures(output) {
      const traffic = trafficIn(output);
      const { roundTrip } = traffic ?? {};
      return [
        ...(roundTrip === undefined ? [] : [{ name: WAY_FIGURE, value: roundTrip }]),
        ...trafficFigures(traffic),
      ];
    },
  };
}

function serviceQuery({ through, address, port, forwards }: LabTunnel): HealthQuery {
  const ports = Object.entries(forwards).map(([name, { listen }]) => `${name} ${listen}`);
  return runningUnits({
    id: 'tunnel.service',
    units: [{ name: UNIT, breaks: CARRIED, towards: { kind: 'server', host: address, port } }],
    things: (states) => {
      const state = states.get(UNIT);
      const runs = state !== undefined && isRunning(state);
      return [
        {
          ...{ kind: 'tunnel', name: `tunnel to ${through}` },
          ...(runs ? { state: 'up', status: 'good' } : { state: 'down', status: 'bad' }),
          details: { to: through, forwards: ports.join(', ') },
        },
      ];
    },
  });
}
