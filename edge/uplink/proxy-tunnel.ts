import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { TimeBase } from '../../shared/time/clock.ts';

/** Importing node:http would also load fetch and WebSocket, which are not needed here: 2 MB of heap in the uplink's thread. */
export const { request } = process.getBuiltinModule('node:http');

/** An HTTP proxy that opens tunnels (RFC 9110, 9.3.6). */
export interface UplinkProxy {
  /** http://host:port. */
  readonly url: string;
  /** File with `user:password`, read at each connection; absent: the proxy requires none. */
  readonly userFile?: string;
}

/** The proxy of a gateway's configuration, if it has one. */
export const proxyOf = ({
  proxy,
  proxyUserFile: userFile,
}: {
  readonly proxy?: string;
  readonly proxyUserFile?: string;
}): { readonly proxy?: UplinkProxy } =>
  proxy === undefined ? {} : { proxy: { url: proxy, ...(userFile === undefined ? {} : { userFile }) } };

const PORTS: Readonly<Record<string, number>> = {
  'https:': 8883,
  'mqtt:': 1883,
  'mqtts:': 8883,
  'ws:': 80,
  'wss:': 443,
};

export interface Patience {
  readonly time: TimeBase;
  readonly timeoutMs: number;
}

/** Host and port of a broker's address, with the protocol's default port. */
export function brokerAddress(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) || (PORTS[protocol] ?? 1883) };
}

export const isSecure = (url: string): boolean => /^(?:mqtts|wss):/.test(url);

/** Opens TCP to the broker at `url`, through the proxy if there is one. Rejects with a message for operators. */
export function openSocket(url: string, proxy: UplinkProxy | undefined, patience: Patience): Promise<Socket> {
  return proxy === undefined ? direct(url, patience) : tunnel(url, proxy, patience);
}

/** Adds TLS end to end, so that a proxy sees neither password nor payload. A failed handshake is an error event of the stream. */
export function secured(socket: Socket, url: string, options: ConnectionOptions = {}): TLSSocket {
  const { host } = brokerAddress(url);
  return connectTls({ ...options, socket, host, ...(isIP(host) > 0 ? {} : { servername: host }) });
}

function direct(url: string, { time, timeoutMs }: Patience): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(brokerAddress(url));
  const late = time.after(timeoutMs, () => {
    socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
  });
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    resolve(socket);
  });
  return promise.finally(() => late.cancel());
}

function tunnel(url: string, { url: proxyUrl, userFile }: UplinkProxy, { time, timeoutMs }: Patience): Promise<Socket> {
  const { host, port } = brokerAddress(url);
  const target = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  const { hostname, port: proxyPort } = new URL(proxyUrl);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const fails = (why: string): void => reject(new Error(`the proxy ${proxyUrl} ${why}`));
  const asked = request({
    method: 'CONNECT',
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: Number(proxyPort) || 80,
    path: target,
    agent: false,
    headers: { host: target, ...(userFile === undefined ? {} : authorization(userFile)) },
  });
  asked.once('connect', ({ statusCode = 0, statusMessage = '' }, socket: Socket, head) => {
    if (statusCode < 200 || statusCode > 299) {
      socket.destroy();
      fails(`refuses ${target}: ${`${statusCode} ${statusMessage}`.trim()}`);
      return;
    }
    if (head.length > 0) socket.unshift(head);
    resolve(socket);
  });
  asked.once('response', ({ statusCode = 0 }) => {
    asked.destroy();
    fails(`answers ${statusCode} instead of opening a tunnel to ${target}`);
  });
  const late = time.after(timeoutMs, () => {
    fails(`does not answer within ${timeoutMs / 1000} s`);
    asked.destroy();
  });
  asked.on('error', ({ message }) => fails(`cannot be used: ${message}`));
  asked.end();
  return promise.finally(() => late.cancel());
}

/** Basic credentials (RFC 7617); none if the file cannot be read, and the proxy then refuses with its own reason. */
function authorization(userFile: string): { 'proxy-authorization'?: string } {
  try {
    const user = readFileSync(userFile, 'utf8').trim();
    return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
  } catch {
    return {};
  }
}
