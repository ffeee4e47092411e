import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { TimeBase } from '../../../shared/time/clock.ts';
import type { HttpLimits } from '../http-limits.ts';
import { letGo } from './linger.ts';

const MOST_ADDRESS = 64;

export interface AddressOptions {
  /** Machine time. */
  readonly time: TimeBase;
  readonly limits: HttpLimits;
  /** Nobody is served any more. */
  readonly ending: AbortSignal;
}

/**
 * The first line of a connection says where its client is; the HTTP server reads what is behind it. A connection that ends before it has
 * said so is closed, since the HTTP server knows nothing of it and would wait for it at its stop.
 */
export function takeAddresses({ server }: FastifyInstance, { time, limits, ending }: AddressOptions): void {
  const serve = server.listeners('connection');
  server.removeAllListeners('connection');
  const waiting = new Set<Socket>();
  ending.addEventListener('abort', () => waiting.forEach((socket) => socket.destroy()));
  server.on('connection', (socket: Socket) => {
    if (ending.aborted) return void socket.destroy();
    waiting.add(socket);
    socket.on('close', () => {
      waiting.delete(socket);
      timer.cancel();
    });
    socket.on('error', () => undefined);
    let bytes: Buffer = Buffer.alloc(0);
    const close = (): void => void socket.destroy();
    const timer = time.after(limits.headersMs, close);
    const read = (): void => {
      bytes = Buffer.concat([bytes, (socket.read() as Buffer | null) ?? bytes.subarray(0, 0)]);
      const end = bytes.indexOf('\n');
      if (end < 0) {
        if (bytes.length > MOST_ADDRESS) close();
        return;
      }
      waiting.delete(socket);
      socket.off('readable', read);
      socket.off('end', close);
      timer.cancel();
      Object.defineProperty(socket, 'remoteAddress', { value: bytes.toString('latin1', 0, end) });
      if (end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
      socket.destroySoon = () => letGo(socket, time);
      for (const each of serve) each.call(server, socket);
    };
    socket.on('readable', read);
    socket.on('end', close);
  });
}
