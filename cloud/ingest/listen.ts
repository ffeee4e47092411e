import type { Server } from 'node:net';
import { portFault, type ListenAddress } from '../../shared/service/taken-port.ts';

const MAX_CONNECTIONS = 20_000;
/**
 * Connections that the kernel keeps until they are accepted, one at each turn of the event loop. No more than are served before they
 * give up: a longer queue fills with those who have hung up, and whoever is behind them hangs up too. The others' first packet is
 * dropped and comes again by itself.
 */
const LISTEN_BACKLOG = 511;

/** Opens a port for gateways and gives its number. LS-PORT-001 where it is busy. */
export function listen(server: Server, place: ListenAddress): Promise<number> {
  const { host, port } = place;
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portFault(error.code, place) ?? error));
    server.listen({ port, host, backlog: LISTEN_BACKLOG }, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}
