import {
  defineModule,
  directory,
  type Fact,
  file,
  listening,
  Pending,
  pkg,
  type Trial,
  unit,
} from '../../engine/sdk.ts';
import { clientAddresses } from '../../lab/database/clients.ts';
import { proxySchema } from './arguments.ts';
import { cacheRoom } from './cache_room.ts';
import { whetherClient } from './clients.ts';
import { proxyHealth } from './health.ts';
import {
  editMainFile,
  MAIN_FILE,
  OWN_FILE,
  ownText,
  reactingTo,
  requireIncluded,
  VALIDATE_MAIN_FILE,
  VALIDATE_OWN_FILE,
} from './squid_conf.ts';
import { rereadSquid, restartSquid } from './squid_handlers.ts';

const mainFile: Fact<string | undefined> = {
  probe: `if [ -x /usr/sbin/squid ] && [ -f ${MAIN_FILE} ]; then echo installed; cat ${MAIN_FILE}; fi`,
  parse: (output) => (output === '' ? undefined : output.replace(/^installed\n/, '')),
};

/** One download of an image for the whole lab: squid, for the workers and nobody else. */
export default defineModule({
  name: 'proxy',
  summary: 'squid as the proxy of the lab: large images are cached, only the workers are admitted',
  schema: proxySchema,
  example: `cache_size: 30720
maximum_object_size: 1024000
clients: [workers, 192.0.2.128/25]
`,
  facts: { mainFile },
  desired({ args, facts, lab }) {
    const { port, cache_folder: cacheFolder } = args;
    const program = pkg({ name: 'squid' });
    const room = cacheRoom(cacheFolder, args.cache_size);
    if (facts.mainFile === undefined) {
      throw new Pending('squid is not installed yet', [room, program]);
    }
    requireIncluded(facts.mainFile);
    const restart = restartSquid(port);
    const reread = rereadSquid(port);
    return [
      room,
      program,
      ...(cacheFolder === '/var/spool/squid'
        ? []
        : [directory({ path: cacheFolder, mode: '0750', owner: 'proxy', group: 'proxy' })]),
      file({
        path: MAIN_FILE,
        content: editMainFile(port),
        validate: VALIDATE_MAIN_FILE,
        onChange: [reread],
      }),
      reactingTo(
        file({
          path: OWN_FILE,
          content: ownText({
            port,
            cacheFolder,
            cacheSize: args.cache_size,
            maximumObjectSize: args.maximum_object_size,
            clients: clientAddresses(args.clients, lab),
          }),
          validate: VALIDATE_OWN_FILE,
        }),
        { reread, restart },
      ),
      unit({ name: 'squid', enabled: true }),
      listening({ unit: 'squid', ports: [port], onChange: [restart] }),
    ];
  },
  health: ({ args: { port } }) => proxyHealth(port),
  /** The host itself is a stranger to its proxy, unless it is a client as well. */
  trials({ args: { port, clients }, host, lab }): readonly Trial[] {
    const isClient = whetherClient(host.address, clientAddresses(clients, lab));
    if (isClient === 'unknown') return [];
    return [
      {
        ...{ kind: 'http_proxy', host: host.address, port, url: `http://${host.address}/` },
        expect: isClient === 'yes' ? 'let in' : 'turned away',
      },
    ];
  },
});
