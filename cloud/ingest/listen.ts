import type { Server } from 'node:net';
import { portFault, type ListenAddress } from '../../shared/service/taken-port.ts';

const MAX_CONNECTIONS = 20_000;
/**
 * Connections that the kernel queues until they are accepted, one in each turn of the event loop. A longer queue would fill with clients
 * that have given up, and those behind them would give up too. The kernel drops the first packet of others, whose TCP stack retries.
 */
const LISTEN_BACKLOG = 511;

/**
 * Opens a port for gateways and returns its number; rejects with LS-PORT-001 if the port is busy. `onError`: a fault of the open port, such
 * as a connection that could not be accepted.
 */
export function listen(server: Server, place: ListenAddress, onError: (error: Error) => void): Promise<number> {
  const { host, port } = place;
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => reject(portFault(error.code, place) ?? error);
    server.once('error', refused);
    server.listen({ port, host, backlog: LISTEN_BACKLOG }, () => {
      server.off('error', refused);
      server.on('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}
