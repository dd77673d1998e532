import {
  type Handler,
  handler,
  NOT_NOW,
  restartUntilListening,
  sh,
  socketsProbe,
} from '../../engine/sdk.ts';

/**
 * Lets squid read its configuration again, which cuts nobody, and waits until it has opened its port anew.
 *
 * The signal returns at once and the port is closed for a moment (squid 5.7), so another socket has to be seen.
 */
export function rereadSquid(port: number): Handler {
  return handler(
    'reload squid.service',
    [
      'systemctl is-active --quiet -- squid.service || exit 0',
      `sockets() { ${socketsProbe({ port, state: 'listening' })}; }`,
      'before=$(sockets)',
      'left=100',
      'if systemctl reload -- squid.service; then',
      '  while [ "$left" -gt 0 ]; do',
      '    now=$(sockets)',
      '    if [ -n "$now" ] && [ "$now" != "$before" ]; then exit 0; fi',
      '    left=$((left - 1))',
      '    sleep 0.1',
      '  done',
      'fi',
      sh`echo ${`squid has not opened port ${port} after it reloaded its configuration`}`,
      'systemctl status --no-pager --full --lines=20 -- squid.service',
      'exit 1',
    ].join('\n'),
  );
}

/**
 * Restarts squid once nobody downloads through it, since that would cut him off.
 *
 * A stop by SIGTERM takes squid 5.7 half a minute with nobody there; SIGINT is the stop that does not wait.
 */
export function restartSquid(port: number): Handler {
  const restart = restartUntilListening({ unit: 'squid', ports: [port] });
  return {
    ...restart,
    script: [
      `clients=$(${socketsProbe({ port, state: 'connected' })} | wc -l)`,
      `if [ "$clients" -gt 0 ] && [ "\${lava_play_kick:-no}" != yes ]; then`,
      '  echo "open connections to the proxy, which a restart would cut: $clients"',
      `  exit ${NOT_NOW}`,
      'fi',
      '/usr/sbin/squid -k interrupt >/dev/null 2>&1',
      restart.script,
    ].join('\n'),
  };
}
