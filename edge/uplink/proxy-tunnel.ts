import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TimeBase } from '../../shared/time/clock.ts';

/** An HTTP proxy that opens tunnels (RFC 9110, 9.3.6). */
export interface UplinkProxy {
  /** http://host:port. */
  readonly url: string;
  /** File with `user:password`, read anew at each connection; absent: it asks for none. */
  readonly userFile?: string;
}

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

export interface Patience {
  readonly time: TimeBase;
  readonly timeoutMs: number;
}

/** Host and port of a broker's address, with the port that its protocol has where none is named. */
export function brokerAddress(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) || (PORTS[protocol] ?? 1883) };
}

/**
 * A connection to the broker at `url` through the proxy, with TLS inside for mqtts and wss, so that the proxy sees neither password
 * nor payload. Rejects with words for the person who reads why there is no uplink.
 */
export async function openTunnel(url: string, proxy: UplinkProxy, patience: Patience): Promise<Socket> {
  const socket = await tunnel(url, proxy, patience);
  const { protocol } = new URL(url);
  if (protocol !== 'mqtts:' && protocol !== 'wss:') return socket;
  const { host } = brokerAddress(url);
  // A handshake that fails is told by the stream to whoever uses it.
  return connectTls({ socket, host, ...(isIP(host) > 0 ? {} : { servername: host }) });
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
    fails(`answers ${statusCode} and opens no tunnel to ${target}`);
  });
  const late = time.after(timeoutMs, () => {
    fails(`does not answer within ${timeoutMs / 1000} s`);
    asked.destroy();
  });
  asked.on('error', ({ message }) => fails(`cannot be used: ${message}`));
  asked.end();
  return promise.finally(() => late.cancel());
}

/** Basic credentials (RFC 7617); none where the file cannot be read: the proxy then says what it wants. */
function authorization(userFile: string): { 'proxy-authorization'?: string } {
  try {
    const user = readFileSync(userFile, 'utf8').trim();
    return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
  } catch {
    return {};
  }
}
