import type { Socket } from 'node:net';
import type { TimeBase } from '../../../shared/time/clock.ts';
import { takeFrom } from '../callers/rate-limit.ts';
import type { HttpLimits } from '../http-limits.ts';
import { answerToGarbage } from '../request-form.ts';
import type { KeepNote, KeptAnswer, KeptAnswers } from './kept-answers.ts';
import { letGo } from './linger.ts';
import { KEEP_HEADER, MARK_HEADER } from './protocol.ts';
import { AnswerReader, wholeRead, withHeader } from './wire.ts';

export interface ConnectionDeps {
  readonly kept: KeptAnswers;
  readonly rates: BigInt64Array;
  readonly limits: HttpLimits;
  /** Shows our HTTP server that a request came through here. */
  readonly secret: string;
  /** Machine time. */
  readonly time: TimeBase;
  /** A connection to our HTTP server for a client of this address. */
  connect(address: string): Socket;
}

/**
 * One client. A read that is kept is answered from here; everything else goes on to our HTTP server byte by byte, over a connection of
 * this client's own, and its answers come back as they are. Reads whose answer has a known end are followed, so that the next one may be
 * answered from here again; after anything else the two connections stay joined until one of them ends.
 */
export class FrontConnection {
  readonly #client: Socket;
  readonly #deps: ConnectionDeps;
  #server: Socket | undefined;
  /** The answer that is under way, where its end will be known. */
  #reader: { readonly asked: string; readonly answer: AnswerReader; readonly mayRepeat: boolean } | undefined;
  #isJoined = false;
  #hasAsked = false;
  /** Nothing more is taken after what is under way. */
  #isLast = false;
  /** When a byte last moved, ms of machine time. */
  #lastAt = 0;

  constructor(client: Socket, deps: ConnectionDeps) {
    this.#client = client;
    this.#deps = deps;
  }

  begin(): void {
    const client = this.#client;
    this.#lastAt = this.#deps.time.elapsed();
    client.on('data', (bytes: Buffer) => this.#asked(bytes));
    client.on('end', () => this.#askedAll());
    client.on('error', () => undefined);
    client.on('close', () => {
      const server = this.#server;
      this.#server = undefined;
      server?.destroy();
    });
  }

  /** Lets the client go after the answer that is under way. */
  finish(): void {
    this.#isLast = true;
    if (this.#isIdle) this.#letGo();
  }

  get #isIdle(): boolean {
    return !this.#isJoined && this.#reader === undefined;
  }

  #asked(bytes: Buffer): void {
    this.#hasAsked = true;
    this.#lastAt = this.#deps.time.elapsed();
    const head = this.#isIdle ? wholeRead(bytes) : undefined;
    if (head === undefined) {
      this.#isJoined = true;
      return this.#toServer(bytes);
    }
    const kept = this.#deps.kept.get(head);
    if (kept !== undefined && this.#answer(kept)) return;
    this.#ask(head);
  }

  /** May be repeated where the connection stood already: it may have been ended for being idle at this very moment. */
  #ask(head: string): void {
    this.#reader = { asked: head, answer: new AnswerReader(KEEP_HEADER), mayRepeat: this.#server !== undefined };
    this.#toServer(withHeader(head, MARK_HEADER, this.#deps.secret));
  }

  /** False where the caller has asked too often: our HTTP server says so. */
  #answer({ note, head, body }: KeptAnswer): boolean {
    const { rates, time } = this.#deps;
    const rate = takeFrom(rates, note.rateCell, {
      requestsPerSecond: note.requestsPerSecond,
      elapsedMs: time.elapsed(),
    });
    if (!rate.allowed) return false;
    const lines = [
      `${head}date: ${new Date(time.now()).toUTCString()}`,
      `ratelimit-limit: ${rate.limit}`,
      `ratelimit-remaining: ${rate.remaining}`,
      `ratelimit-reset: ${rate.resetS}`,
    ];
    const answer = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
    write(this.#client, answer, this.#client);
    return true;
  }

  #toServer(bytes: Buffer): void {
    this.#server ??= this.#open();
    write(this.#server, bytes, this.#client);
  }

  #open(): Socket {
    const server = this.#deps.connect(this.#client.remoteAddress ?? '');
    server.on('data', (bytes: Buffer) => this.#answered(server, bytes));
    server.on('end', () => this.#gone(server));
    server.on('error', () => undefined);
    server.on('close', () => this.#gone(server));
    return server;
  }

  #answered(server: Socket, bytes: Buffer): void {
    this.#lastAt = this.#deps.time.elapsed();
    if (this.#reader === undefined) return write(this.#client, bytes, server);
    const { asked, answer } = this.#reader;
    const { pass, state } = answer.take(bytes);
    if (pass.length > 0) write(this.#client, pass, server);
    if (state === 'going') return;
    this.#reader = undefined;
    if (state === 'unclear') this.#isJoined = true;
    else if (answer.note !== undefined) this.#deps.kept.put(asked, JSON.parse(answer.note) as KeepNote, answer.answer);
    if (this.#isIdle && (this.#isLast || this.#client.readableEnded)) this.#letGo();
  }

  /** Our HTTP server ends what is idle for long: the client does not notice, also where it asks at that very moment. */
  #gone(server: Socket): void {
    if (this.#server !== server) return;
    this.#server = undefined;
    server.destroySoon();
    const reader = this.#reader;
    const mayRepeat = reader?.mayRepeat === true && !reader.answer.hasBegun && !this.#isJoined && !this.#isLast;
    if (reader !== undefined && mayRepeat) this.#ask(reader.asked);
    else if (!this.#isIdle) this.#letGo();
  }

  /** Who asks no more still gets the answer that is under way: our HTTP server would give none over a connection that has ended. */
  #askedAll(): void {
    if (this.#isIdle) this.#letGo();
    else if (this.#isJoined) this.#server?.end();
  }

  /**
   * To be called again and again: a client that says nothing is let go. Where an answer is under way our HTTP server has patience of its
   * own, but the end of its connection is not seen behind bytes that wait for a client which does not read: that one is cut.
   */
  look(): void {
    const { idleMs, headersMs, silenceMs } = this.#deps.limits;
    const patienceMs = !this.#isIdle ? silenceMs : this.#hasAsked ? idleMs : headersMs;
    if (this.#deps.time.elapsed() - this.#lastAt < patienceMs) return;
    if (!this.#isIdle) return void this.#client.destroy();
    if (!this.#hasAsked) this.#client.write(answerToGarbage({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }));
    this.#letGo();
  }

  #letGo(): void {
    this.#client.removeAllListeners('data');
    letGo(this.#client, this.#deps.time);
  }
}

/** Who sends waits while who receives does not read. */
function write(to: Socket, bytes: Buffer, from: Socket): void {
  if (to.destroyed || to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}
