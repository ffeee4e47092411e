import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** How people reach the server, from the configuration. */
export interface Transport {
  /** The server itself serves page and API over HTTPS. */
  readonly tls: boolean;
  /** The public `https://host`; if empty, the host of each request counts. */
  readonly publicOrigin: string;
  /** Addresses and networks of trusted proxies. */
  readonly trustedProxies: readonly string[];
}

/** Headers that only a proxy has reason to add. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** True for methods that change nothing. */
export const isSafe = ({ method }: Pick<FastifyRequest, 'method'>): boolean => SAFE_METHODS.includes(method);

/** True if sessions travel over HTTPS. */
export const isHttps = ({ tls, publicOrigin }: Omit<Transport, 'trustedProxies'>): boolean =>
  tls || publicOrigin !== '';

/** Returns undefined if an entry is neither an address nor a network such as 10.0.0.0/24. */
export function proxyList(entries: readonly string[]): BlockList | undefined {
  const list = new BlockList();
  try {
    for (const entry of entries) {
      const [address = '', bits, ...more] = entry.split('/');
      if (isIP(address) === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits ?? '0')) return undefined;
      if (bits === undefined) list.addAddress(address, familyOf(address));
      else list.addSubnet(address, Number(bits), familyOf(address));
    }
    return list;
  } catch {
    return undefined;
  }
}

/** Returns a test for whether an address belongs to one of the proxies. */
export function proxyTest(entries: readonly string[]): (address: string | undefined) => boolean {
  const list = proxyList(entries);
  return (address = '') => isIP(address) !== 0 && list?.check(address, familyOf(address)) === true;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

export const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');

/** True for a person at this machine with no proxy in between: behind a proxy, every request comes from loopback. */
export function isAtHome(request: FastifyRequest, { publicOrigin, trustedProxies }: Transport): boolean {
  return (
    publicOrigin === '' &&
    trustedProxies.length === 0 &&
    isLoopback(request.socket.remoteAddress ?? '') &&
    PROXY_HEADERS.every((name) => request.headers[name] === undefined)
  );
}

/** True if secrets may travel over this connection. */
export const maySignIn = (request: FastifyRequest, transport: Transport): boolean =>
  request.protocol === 'https' || (!isHttps(transport) && isAtHome(request, transport));

/** Returns the `https://host` under which the caller knows the server. */
export const originOf = (request: FastifyRequest, { publicOrigin }: Transport): string =>
  publicOrigin === '' ? `${request.protocol}://${request.host}` : publicOrigin;

/** Part of an error message. */
export const HTTPS_ALONE =
  'sessions require HTTPS: set api.tls, or api.publicOrigin and api.trustedProxies for a proxy that sends x-forwarded-proto';
