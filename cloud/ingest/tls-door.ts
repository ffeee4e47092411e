import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { ALPN } from '../../shared/pki/enrolment.ts';
import { listen } from './listen.ts';

/** The cloud's certificate for handshakes, and the roots for gateway certificates, PEM. */
export interface TlsIdentity {
  /** Key, certificate and intermediates. */
  readonly pem: string;
  readonly roots: string;
}

export interface TlsDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: TlsIdentity;
  /** Takes a connection that speaks MQTT. */
  readonly onClient: (socket: TLSSocket) => void;
  /** Takes a connection that chose HTTP by ALPN: enrolment and renewal. */
  readonly onHttp?: (socket: TLSSocket) => void;
  /** A fault of the port, which stays open. */
  readonly onError?: (error: unknown) => void;
  /** Handshake timeout, ms. */
  readonly handshakeMs?: number;
}

const HANDSHAKE_MS = 10_000;

/**
 * The port for gateways and foreign nodes. A client may show a certificate. It is judged at CONNECT, not in the handshake: a TLS 1.3 client
 * rarely learns why a handshake failed, but it does see an MQTT return code.
 */
export class TlsDoor {
  readonly #server: Server;
  readonly #options: TlsDoorOptions;
  /** Includes sockets in a handshake. */
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
    // A failed or unfinished handshake is closed; it is not the cloud's fault.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  get port(): number {
    return this.#port;
  }

  get listens(): boolean {
    return this.#server.listening;
  }

  /** Uses another certificate from the next handshake on. */
  renew(identity: TlsIdentity): void {
    this.#server.setSecureContext(contextOf(identity));
  }

  async start(): Promise<void> {
    const { host, port, onError } = this.#options;
    this.#port = await listen(this.#server, { host, port, key: 'uplink.port' }, (error) => onError?.(error));
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #meet(socket: TLSSocket): void {
    if (socket.alpnProtocol !== ALPN.http) return this.#options.onClient(socket);
    // A client that breaks off is not the cloud's fault.
    socket.on('error', () => undefined);
    if (this.#options.onHttp === undefined) socket.destroy();
    else this.#options.onHttp(socket);
  }
}

const contextOf = ({ pem, roots }: TlsIdentity) =>
  ({ key: pem, cert: pem, ca: roots, minVersion: 'TLSv1.2', honorCipherOrder: true }) as const;
