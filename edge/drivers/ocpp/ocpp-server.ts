import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createRPCError, RPCServer, type RPCClient } from 'ocpp-rpc';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../../shared/time/clock.ts';
import { boundPort, placeOf } from '../../local/listen.ts';
import { readText } from '../../local/paths.ts';
import { DeviceUsers } from '../device-users.ts';
import { versions, type ChargerHandlers, type ChargerLink, type ChargerSite, type OpenChargers } from './chargers.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';

const MAX_MESSAGE_BYTES = 65_536;
const MAX_BAD_MESSAGES = 20;
const CALL_TIMEOUT_MS = 10_000;
const PING_MS = 15_000;
const LISTEN_AGAIN_MS = 5000;

/** Accepts chargers over WebSockets with npm `ocpp-rpc`, which allows one call at a time per charger (OCPP-J 1.6, 4.1.1). */
export const ocppServer =
  (machine: TimeBase): OpenChargers =>
  (site, handlers) => {
    const server = new ChargerServer(site, handlers, machine);
    server.listen();
    return server;
  };

class ChargerServer {
  readonly #site: ChargerSite;
  readonly #handlers: ChargerHandlers;
  readonly #machine: TimeBase;
  readonly #rpc: RPCServer;
  readonly #http: Server;
  readonly #users: DeviceUsers | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(site: ChargerSite, handlers: ChargerHandlers, machine: TimeBase) {
    this.#site = site;
    this.#handlers = handlers;
    this.#machine = machine;
    this.#users = site.userFile === undefined ? undefined : this.#readUsers(site.userFile);
    this.#rpc = new RPCServer({
      protocols: [...versions],
      wssOptions: { maxPayload: MAX_MESSAGE_BYTES },
      callTimeoutMs: CALL_TIMEOUT_MS,
      pingIntervalMs: PING_MS,
      maxBadMessages: MAX_BAD_MESSAGES,
    });
    this.#rpc.auth((accept, reject, { identity, password, protocols }) => {
      const admit = async (): Promise<void> => {
        const version = versions.find((each) => protocols.has(each));
        if (version === undefined) return reject(400, `speak one of ${versions.join(', ')}`);
        const known = this.#users === undefined || (await this.#users.check(identity, password));
        if (known) accept({}, version);
        else reject(401, 'identity or password is wrong');
      };
      admit().catch((error: unknown) => reject(500, String(error)));
    });
    this.#rpc.on('client', (client: RPCClient) => this.#serve(client));
    this.#rpc.on('error', (error: Error) => handlers.onFault(error.message));
    this.#http = createServer((_request, response) => response.writeHead(404).end());
    this.#http.maxConnections = 4 * site.chargers.length + 8;
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // Only URLs of known chargers reach the library, which cannot handle one that does not decode.
      if (!site.chargers.includes(identityIn(request.url ?? ''))) {
        socket.on('error', () => socket.destroy());
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      this.#rpc
        .handleUpgrade(request, socket as IncomingMessage['socket'], head)
        .catch((error: unknown) => socket.destroy(error instanceof Error ? error : undefined));
    });
    this.#http.on('error', (error: NodeJS.ErrnoException) => this.#again(error));
  }

  listen(): void {
    this.#http.listen(placeOf(this.#site.listen), () => this.#handlers.onListen?.(boundPort(this.#http)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#rpc.close({ force: true });
    this.#http.closeAllConnections();
    if (this.#http.listening) await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  /** The address may appear after the gateway starts, so listening is retried. */
  #again({ code, message }: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    const why = code === 'EADDRINUSE' ? 'the port is in use' : message;
    this.#handlers.onFault(`no charger can connect to ${this.#site.listen}: ${why}`);
    this.#timer = this.#machine.after(LISTEN_AGAIN_MS, () => this.listen());
  }

  #readUsers(file: string): DeviceUsers {
    const read = readText(file);
    if ('text' in read) return DeviceUsers.parse(read.text, file);
    this.#handlers.onFault(`passwords of the chargers: ${read.why}; no charger can connect`);
    return DeviceUsers.parse('', file);
  }

  #serve(client: RPCClient): void {
    const charger = client.identity ?? '';
    const link: ChargerLink = {
      version: versions.find((each) => each === client.protocol) ?? 'ocpp1.6',
      call: (action, payload) => callOf(client, action, payload),
      close: () => void client.close({ code: 1000, reason: 'replaced', force: true }),
    };
    client.handle(async ({ method, params }) => {
      const answer = this.#handlers.onCall(charger, link, { action: method ?? '', payload: params });
      if (answer.ok) return answer.value as Record<string, unknown>;
      const kind = answer.fault.code === 'LS-DEVICE-004' ? 'NotImplemented' : 'FormationViolation';
      throw createRPCError(kind, answer.fault.detail);
    });
    client.on('close', () => this.#handlers.onClose(charger, link));
    this.#handlers.onConnect(charger, link);
  }
}

async function callOf(client: RPCClient, action: string, payload: object): Promise<Outcome<unknown>> {
  try {
    return good(await client.call(action, payload));
  } catch (error) {
    const why = messageOf(error);
    // A protocol error is an answer; anything else is not, such as a time-out or a lost connection.
    const answered = typeof error === 'object' && error !== null && 'rpcErrorCode' in error;
    return bad(answered ? 'LS-DEVICE-002' : 'LS-DEVICE-001', `${action}: ${why === '' ? 'refused' : why}`);
  }
}

/** Last segment of a URL's path; empty if unreadable. */
function identityIn(url: string): string {
  try {
    return decodeURIComponent(url.split('?', 1)[0]!.split('/').at(-1) ?? '');
  } catch {
    return '';
  }
}
