import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { ALPN } from '../../shared/pki/enrolment.ts';
import { listen } from './listen.ts';

/** What the cloud shows at a handshake, and by which roots it knows gateways, PEM. */
export interface TlsIdentity {
  /** Key and certificate with what is above it. */
  readonly pem: string;
  readonly roots: string;
}

export interface TlsDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: TlsIdentity;
  /** A connection that speaks MQTT. */
  readonly onClient: (socket: TLSSocket) => void;
  /** One that chose HTTP in its handshake: enrolment and renewal. */
  readonly onHttp?: (socket: TLSSocket) => void;
  /** Until a handshake has to be over, ms. */
  readonly handshakeMs?: number;
}

const HANDSHAKE_MS = 10_000;

/**
 * The port that gateways and foreign nodes connect to. Whoever connects may show a certificate. It is judged at CONNECT and not here: a
 * client of TLS 1.3 rarely sees why a handshake failed, and a return code of MQTT it does see.
 */
export class TlsDoor {
  readonly #server: Server;
  readonly #options: TlsDoorOptions;
  /** Those whose handshake is under way too. */
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(options: TlsDoorOptions) {
    this.#options = options;
    this.#server = createServer(
      {
        ...contextOf(options.identity),
        requestCert: true,
        rejectUnauthorized: false,
        handshakeTimeout: options.handshakeMs ?? HANDSHAKE_MS,
        ALPNProtocols: Object.values(ALPN),
      },
      (socket) => this.#meet(socket),
    );
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    // A handshake that fails or never ends is cut, and is no fault of the cloud's.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  get port(): number {
    return this.#port;
  }

  get listens(): boolean {
    return this.#server.listening;
  }

  /** Shows another certificate from the next handshake on. */
  renew(identity: TlsIdentity): void {
    this.#server.setSecureContext(contextOf(identity));
  }

  async start(): Promise<void> {
    this.#port = await listen(this.#server, { ...this.#options, key: 'uplink.port' });
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #meet(socket: TLSSocket): void {
    if (socket.alpnProtocol !== ALPN.http) return this.#options.onClient(socket);
    // Whoever breaks off is no fault of the cloud's.
    socket.on('error', () => undefined);
    if (this.#options.onHttp === undefined) socket.destroy();
    else this.#options.onHttp(socket);
  }
}

const contextOf = ({ pem, roots }: TlsIdentity) =>
  ({ key: pem, cert: pem, ca: roots, minVersion: 'TLSv1.2', honorCipherOrder: true }) as const;
