import { isIPv4, type Server } from 'node:net';

/** Splits `host:port`, with an IPv6 host in brackets, for `listen`. */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  const cut = address.lastIndexOf(':');
  return { host: address.slice(0, cut).replaceAll(/[[\]]/g, ''), port: Number(address.slice(cut + 1)) };
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/** Listens and returns the port; port 0 takes a free one. Rejects if the address is missing or taken; may be retried. */
export function listenOn(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(placeOf(address), () => {
      server.off('error', reject);
      resolve(boundPort(server));
    });
  });
}

/** Port of a listening server. */
export function boundPort(server: Pick<Server, 'address'>): number {
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
