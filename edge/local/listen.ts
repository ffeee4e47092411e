import { isIPv4, type Server } from 'node:net';

/** `host:port` with an IPv6 host in brackets, as `listen` takes it. */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  const cut = address.lastIndexOf(':');
  return { host: address.slice(0, cut).replaceAll(/[[\]]/g, ''), port: Number(address.slice(cut + 1)) };
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/** Listens and answers with the port, where 0 takes a free one; rejects where the address is not here or not free, and may be tried again. */
export function listenOn(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(placeOf(address), () => {
      server.off('error', reject);
      resolve(boundPort(server));
    });
  });
}

/** Port of a server that listens. */
export function boundPort(server: Pick<Server, 'address'>): number {
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
