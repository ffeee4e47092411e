import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** By which way people may reach us, as the configuration says it. */
export interface Way {
  /** Page and API are served over HTTPS by ourselves. */
  readonly tls: boolean;
  /** `https://host` under which people know us; empty: by the host that they name. */
  readonly publicOrigin: string;
  /** Addresses and networks of proxies whose word counts. */
  readonly trustedProxies: readonly string[];
}

/** What a proxy adds, and nobody else has a reason to. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** It changes nothing. */
export const isSafe = ({ method }: Pick<FastifyRequest, 'method'>): boolean => SAFE_METHODS.includes(method);

/** Whether sessions travel by HTTPS. */
export const isHttps = ({ tls, publicOrigin }: Omit<Way, 'trustedProxies'>): boolean => tls || publicOrigin !== '';

/** Undefined where an entry is no address and no network such as 10.0.0.0/24. */
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

/** Whether a connection comes from one of the proxies. */
export function proxyTest(entries: readonly string[]): (address: string | undefined) => boolean {
  const list = proxyList(entries);
  return (address = '') => isIP(address) !== 0 && list?.check(address, familyOf(address)) === true;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

export const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');

/** Somebody at this machine, and no proxy in between: behind one, everybody comes from loopback. */
export function isAtHome(request: FastifyRequest, { publicOrigin, trustedProxies }: Way): boolean {
  return (
    publicOrigin === '' &&
    trustedProxies.length === 0 &&
    isLoopback(request.socket.remoteAddress ?? '') &&
    PROXY_HEADERS.every((name) => request.headers[name] === undefined)
  );
}

/** What is secret may travel this way. */
export const maySignIn = (request: FastifyRequest, way: Way): boolean =>
  request.protocol === 'https' || (!isHttps(way) && isAtHome(request, way));

/** `https://host` as the asker knows us. */
export const originOf = (request: FastifyRequest, { publicOrigin }: Way): string =>
  publicOrigin === '' ? `${request.protocol}://${request.host}` : publicOrigin;

/** In the words of an answer. */
export const HTTPS_ALONE =
  'sessions travel over HTTPS alone: set api.tls, or api.publicOrigin and api.trustedProxies for a proxy that sends x-forwarded-proto';
