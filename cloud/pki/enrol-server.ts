import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { catalogue } from '../../shared/outcome/catalogue.ts';
import { bad, good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import { checkEnrolmentRequest, MAX_ENROLMENT_BYTES, PATHS, type EnrolmentAnswer } from '../../shared/pki/enrolment.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { pkiFiles, readPki } from './authority-files.ts';
import { documentKeys } from './document-keys.ts';
import { Judge } from './judge.ts';
import { readStandings } from './standing.ts';
import { isToken, takeToken } from './tokens.ts';

export interface EnrolServerOptions {
  readonly data: string;
  readonly time: TimeBase;
  /** Throttles guesses, by address and gateway, and needless renewals. */
  readonly brake: { mayTry(pair: string): boolean; judged(pair: string, right: boolean | undefined): void };
  /** Location of a gateway in the region. */
  readonly place?: (gateway: string) => EnrolmentAnswer['place'];
  /** Why a gateway would be refused even with a new certificate; undefined: it would not. */
  readonly barred?: (gateway: string) => string | undefined;
  /** A certificate was issued to a gateway. */
  readonly onIssued: (gateway: string, how: 'enrolled' | 'renewed') => void;
  readonly onRefused: (gateway: string, fault: Fault) => void;
  readonly onError: (error: unknown) => void;
}

/** One request per connection, within this time. */
const PATIENCE_MS = 15_000;
const MAX_WAITING = 200;
/** Longer bodies are read up to here, so that the client gets an answer; beyond it the connection is cut. */
const MAX_HEARD_BYTES = 1_000_000;

/** Enrolment and renewal over connections handed over by the uplink's port. It does not listen itself. */
export class EnrolServer {
  readonly #options: EnrolServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  constructor(options: EnrolServerOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: 4096 }, (request, response) => {
      this.#answer(request).then(
        (outcome) => this.#send(response, outcome),
        (error: unknown) => {
          options.onError(error);
          response.destroy();
        },
      );
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  take(socket: TLSSocket): void {
    const [oldest] = this.#sockets;
    if (oldest !== undefined && this.#sockets.size >= MAX_WAITING) {
      // Honest clients finish long before; idle ones must not keep others out.
      this.#sockets.delete(oldest);
      oldest.destroy();
    }
    this.#sockets.add(socket);
    const late = this.#options.time.after(PATIENCE_MS, () => void socket.destroy());
    socket.once('close', () => {
      late.cancel();
      this.#sockets.delete(socket);
    });
    this.#server.emit('connection', socket);
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #answer(request: IncomingMessage): Promise<Outcome<string>> {
    const { url, method } = request;
    // Public: a client verifies the roots by their fingerprint.
    if (method === 'GET' && url === PATHS.roots) return good(readPki(pkiFiles(this.#options.data).roots));
    if (method !== 'POST' || (url !== PATHS.enrol && url !== PATHS.renew)) return bad('LS-API-004', 'no such path');
    const body = await bodyOf(request);
    const asked = body.ok ? checkEnrolmentRequest(body.value) : body;
    if (!asked.ok) return asked;
    const { gateway, secret = '', request: pem } = asked.value;
    const socket = request.socket as TLSSocket;
    const revokedAt = this.#revokedAt(gateway);
    const may = url === PATHS.enrol ? this.#mayEnrol(socket, gateway, secret) : this.#mayRenew(socket, gateway);
    const made = may.ok ? await this.#issue(gateway, pem) : may;
    const issued = made.ok
      ? this.#released(made.value, gateway, url === PATHS.enrol ? secret : undefined, revokedAt)
      : made;
    if (issued.ok) this.#options.onIssued(gateway, url === PATHS.enrol ? 'enrolled' : 'renewed');
    else this.#options.onRefused(gateway, issued.fault);
    return issued;
  }

  /** The answer, unless the token was used or the gateway revoked meanwhile. */
  #released(
    answer: string,
    gateway: string,
    secret: string | undefined,
    revokedAt: number | undefined,
  ): Outcome<string> {
    const { data, time } = this.#options;
    if (this.#revokedAt(gateway) !== revokedAt) return bad('LS-PKI-001', `${gateway} was revoked meanwhile`);
    if (secret !== undefined && !takeToken(data, gateway, secret, time.now())) return this.#noToken(gateway);
    return good(answer);
  }

  /** Read each time, so that a change takes effect at once. */
  #revokedAt(gateway: string): number | undefined {
    return readStandings(this.#options.data)[gateway]?.revokedAt;
  }

  #mayEnrol(socket: TLSSocket, gateway: string, secret: string): Outcome<null> {
    const { brake, data, time } = this.#options;
    const pair = `${socket.remoteAddress ?? ''} ${gateway}`;
    if (!brake.mayTry(pair)) return bad('LS-API-008', `too many attempts for ${gateway} from this address`);
    const isRight = isToken(data, gateway, secret, time.now());
    brake.judged(pair, isRight);
    if (!isRight) return this.#noToken(gateway);
    const why = this.#options.barred?.(gateway);
    return why === undefined ? good(null) : bad('LS-PKI-001', `${gateway} ${why}`);
  }

  #noToken(gateway: string): Outcome<never> {
    return bad('LS-PKI-002', `${gateway}: the token is wrong, used or expired`);
  }

  #mayRenew(socket: TLSSocket, gateway: string): Outcome<null> {
    const { data, time, brake } = this.#options;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return bad('LS-PKI-001', `${gateway} shows no certificate`);
    const judge = new Judge({ standings: readStandings(data), now: () => time.now() });
    const verdict = judge.judgeLate(certificate, readPki(pkiFiles(data).issuers));
    if ('why' in verdict) return bad('LS-PKI-001', `${gateway} ${verdict.why}`);
    if (verdict.gateway !== gateway)
      return bad('LS-PKI-001', `${verdict.gateway} asks for a certificate of ${gateway}`);
    // Throttled whatever the outcome: five at once, then ever fewer.
    const pair = `renew ${gateway}`;
    if (!brake.mayTry(pair)) return bad('LS-API-008', `${gateway} has renewed too often`);
    brake.judged(pair, false);
    return good(null);
  }

  async #issue(gateway: string, pem: string): Promise<Outcome<string>> {
    const { data, time } = this.#options;
    const { Authority } = await import('./authority.ts');
    const authority = new Authority(data);
    const certified = await authority.certify(gateway, pem, time.now());
    if (!certified.ok) return certified;
    const place = this.#options.place?.(gateway);
    const answer: EnrolmentAnswer = {
      gateway,
      certificate: certified.value,
      roots: authority.roots(),
      documentKeys: documentKeys(data),
      ...(place === undefined ? {} : { place }),
    };
    return good(JSON.stringify(answer));
  }

  #send(response: ServerResponse, outcome: Outcome<string>): void {
    const status = outcome.ok ? 200 : catalogue[outcome.fault.code].status;
    const text = outcome.ok
      ? outcome.value
      : JSON.stringify({ code: outcome.fault.code, detail: outcome.fault.detail });
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(text);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Outcome<unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_ENROLMENT_BYTES) chunks.push(chunk);
    else if (bytes > MAX_HEARD_BYTES) break;
  }
  if (bytes > MAX_ENROLMENT_BYTES) return bad('LS-API-006', `more than ${MAX_ENROLMENT_BYTES} bytes`);
  try {
    return good(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    return bad('LS-PKI-004', 'the body is not JSON');
  }
}
