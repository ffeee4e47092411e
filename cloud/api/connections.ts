import type { Server, Socket } from 'node:net';
import { PerHolder } from '../../shared/time/per-holder.ts';
import { networkOf } from '../access/network-of.ts';
import type { HttpLimits } from './http-limits.ts';

/**
 * Limits the open connections, in all and per network, because the process also needs files for gateways, journals and the audit list.
 * Connections from a trusted proxy count only in all.
 */
export function limitConnections(
  server: Server,
  { mostConnections, mostPerNetwork }: Pick<HttpLimits, 'mostConnections' | 'mostPerNetwork'>,
  isProxy: (address: string | undefined) => boolean,
): void {
  server.maxConnections = mostConnections;
  const shares = new PerHolder(mostPerNetwork);
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (isProxy(remoteAddress)) return;
    const network = networkOf(remoteAddress);
    if (!shares.take(network)) return void socket.destroy();
    socket.once('close', () => shares.give(network));
  });
}
