import { bad, good, type Fault, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Clock, Timer } from '../../../shared/time/clock.ts';
import { FrameBuffer } from './frame-buffer.ts';
import type { Frame, Framing } from './framing.ts';
import { mayAnswer } from './pdu.ts';
import { nameOf, type ByteWire, type OpenWire, type WireAddress } from './wire.ts';

export interface LineOptions {
  readonly address: WireAddress;
  readonly framing: Framing;
  readonly openWire: OpenWire;
  readonly clock: Clock;
}

export interface Question {
  readonly unit: number;
  readonly pdu: Uint8Array;
  /** For the answer, counted from sending; ms of machine time. */
  readonly timeoutMs: number;
  /** A setpoint: sent before waiting reads. */
  readonly first?: boolean;
}

interface Waiting extends Question {
  readonly settle: (outcome: Outcome<Uint8Array>) => void;
}

const MAX_WAITING = 64;
/**
 * After this many time-outs in a row the connection is reopened, because a half-open one never answers. Without transaction numbers a late
 * answer could be taken for the next, so it is reopened at once.
 */
const TIMEOUTS_TO_REOPEN = { numbered: 3, unnumbered: 1 };

/**
 * One connection to one or several units, with one request at a time, because many devices accept no more. It opens on the first
 * request, and closes on bytes that cannot be an answer. A silent unit holds up the others only for its time-out. Without transaction
 * numbers the unit itself is left alone for as long again, so that its late answer is not taken for that of the next request.
 */
export class ModbusLine {
  readonly #options: LineOptions;
  #waiting: Waiting[] = [];
  #asked: Waiting | undefined;
  /** The request sent last; elapsed machine time of sending, ms. */
  #last: (Waiting & { readonly sentMs: number }) | undefined;
  /** Another unit that answered it. */
  #stranger: number | undefined;
  /** Bytes since then. */
  #heard = 0;
  /** By unit: until then its late answer may come, elapsed machine time, ms. */
  readonly #lateUntilMs = new Map<number, number>();
  /** By unit: how long its last late answer took, ms. */
  readonly #tookMs = new Map<number, number>();
  #wire: ByteWire | undefined;
  #open = false;
  readonly #buffer: FrameBuffer;
  #transaction = 0;
  #timeouts = 0;
  #timer: Timer | undefined;
  /** The line must be silent until then, elapsed machine time, ms. */
  #silentUntilMs = -Infinity;
  #silence: Timer | undefined;
  #stopped = false;
  #progressMs = -Infinity;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#buffer = new FrameBuffer(options.framing);
  }

  /** Elapsed machine time of the last request, answer or time-out. */
  get progressMs(): number {
    return this.#progressMs;
  }

  /** Returns the answer's data; LS-DEVICE-001 if none came. Never rejects. */
  ask(question: Question): Promise<Outcome<Uint8Array>> {
    return new Promise((settle) => {
      if (this.#stopped) return settle(bad('LS-DEVICE-001', 'the gateway is stopping'));
      if (this.#waiting.length >= MAX_WAITING)
        return settle(bad('LS-DEVICE-001', 'too many requests wait for this line'));
      const waiting = { ...question, settle };
      if (question.first === true) {
        const behind = this.#waiting.findIndex(({ first }) => first !== true);
        this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiting);
      } else this.#waiting.push(waiting);
      this.#next();
    });
  }

  close(): void {
    this.#stopped = true;
    this.#drop('the gateway is stopping');
  }

  #next(): void {
    if (this.#asked !== undefined) return;
    const [first] = this.#waiting;
    if (first === undefined) return;
    if (this.#wire === undefined) return this.#openFor(first);
    if (!this.#open) return;
    const nowMs = this.#options.clock.machine.elapsed();
    const mayBeSentMs = this.#waiting.map(({ unit }) =>
      Math.max(this.#silentUntilMs, this.#lateUntilMs.get(unit) ?? -Infinity),
    );
    const next = this.#waiting[mayBeSentMs.findIndex((ms) => ms <= nowMs)];
    this.#silence?.cancel();
    if (next === undefined) {
      this.#silence = this.#options.clock.machine.after(Math.min(...mayBeSentMs) - nowMs, () => this.#next());
      return;
    }
    this.#waiting = this.#waiting.filter((each) => each !== next);
    this.#asked = next;
    this.#last = { ...next, sentMs: nowMs };
    this.#heard = 0;
    this.#stranger = undefined;
    this.#progressed();
    this.#transaction = (this.#transaction + 1) & 0xffff;
    this.#buffer.clear(next);
    this.#timer = this.#options.clock.machine.after(next.timeoutMs, () => this.#timedOut());
    const { unit, pdu } = next;
    this.#wire.write(this.#options.framing.encode({ unit, pdu, transaction: this.#transaction }));
  }

  #openFor({ timeoutMs }: Waiting): void {
    const { address, openWire, clock } = this.#options;
    this.#progressed();
    this.#timer = clock.machine.after(timeoutMs, () => this.#drop(`no connection within ${timeoutMs} ms`));
    const wire = openWire(address, {
      onOpen: () => {
        if (this.#wire !== wire) return;
        this.#timer?.cancel();
        this.#open = true;
        this.#timeouts = 0;
        this.#next();
      },
      onBytes: (bytes) => {
        if (this.#wire === wire) this.#take(bytes);
      },
      onClose: (why) => {
        if (this.#wire === wire) this.#drop(why);
      },
    });
    this.#wire = wire;
  }

  #take(bytes: Uint8Array): void {
    this.#heard += bytes.length;
    const { silenceMs } = this.#options.framing;
    if (silenceMs > 0) this.#silentUntilMs = this.#options.clock.machine.elapsed() + silenceMs;
    const [wire, transaction] = [this.#wire, this.#transaction];
    // Bytes after an answer were sent before the next request.
    for (let at = 0; at < bytes.length && this.#wire === wire && this.#transaction === transaction;) {
      at += this.#buffer.take(at === 0 ? bytes : bytes.subarray(at));
      for (let decoded = this.#buffer.next(); decoded.kind !== 'more'; decoded = this.#buffer.next()) {
        if (decoded.kind === 'broken') return this.#drop(decoded.why);
        this.#answered(decoded.frame);
      }
    }
  }

  #answered({ unit, transaction, pdu }: Frame): void {
    const asked = this.#asked;
    const { numbered } = this.#options.framing;
    if (asked === undefined && !numbered) this.#answeredLate(unit, pdu);
    const fits = asked !== undefined && unit === asked.unit && (!numbered || transaction === this.#transaction);
    if (!fits && numbered && transaction === this.#transaction) this.#stranger = unit;
    // Ignores a late answer to a request that was given up.
    if (!fits || (numbered ? (pdu[0]! & 0x7f) !== asked.pdu[0] : !mayAnswer(asked.pdu, pdu))) return;
    this.#timeouts = 0;
    this.#settle(good(pdu));
  }

  #answeredLate(unit: number, pdu: Uint8Array): void {
    const last = this.#last;
    if (unit !== last?.unit || !mayAnswer(last.pdu, pdu) || !this.#lateUntilMs.delete(unit)) return;
    this.#tookMs.set(unit, this.#options.clock.machine.elapsed() - last.sentMs);
    this.#next();
  }

  #timedOut(): void {
    this.#timeouts++;
    const { unit, timeoutMs } = this.#asked!;
    const { numbered, unnumbered } = TIMEOUTS_TO_REOPEN;
    const { framing } = this.#options;
    if (!framing.numbered) this.#lateUntilMs.set(unit, this.#options.clock.machine.elapsed() + timeoutMs);
    const why = `unit ${unit} did not answer within ${timeoutMs} ms${this.#cause(unit)}`;
    // A reopened serial port would receive the same late answer, so it stays open until several answers are missing.
    const most = framing.numbered || framing.silenceMs > 0 ? numbered : unnumbered;
    if (this.#timeouts >= most) this.#closeWire();
    this.#settle(bad('LS-DEVICE-001', why));
  }

  /** What the line tells about a time-out. */
  #cause(unit: number): string {
    const tookMs = this.#tookMs.get(unit);
    this.#tookMs.delete(unit);
    if (tookMs !== undefined) return `; an answer came after ${Math.round(tookMs)} ms, so raise timeoutMs above that`;
    if (this.#stranger !== undefined) return `; unit ${this.#stranger} answered in its place, so give that as unitId`;
    return this.#heard === 0 || this.#options.framing.numbered
      ? ''
      : `; ${this.#heard} bytes came that are not its answer: check baud, parity, wiring and that each unit has its own number`;
  }

  #settle(outcome: Outcome<Uint8Array>): void {
    const asked = this.#asked;
    this.#progressed();
    this.#timer?.cancel();
    this.#asked = undefined;
    asked?.settle(outcome);
    this.#next();
  }

  /** Handles a failed connection: waiting requests fail, and the next request opens a new one. */
  #drop(why: string): void {
    this.#timer?.cancel();
    this.#silence?.cancel();
    this.#closeWire();
    const fault: Fault = { code: 'LS-DEVICE-001', detail: `${nameOf(this.#options.address)}: ${why}` };
    const pending = [...(this.#asked === undefined ? [] : [this.#asked]), ...this.#waiting];
    this.#asked = undefined;
    this.#waiting = [];
    for (const { settle } of pending) settle({ ok: false, fault });
  }

  #progressed(): void {
    this.#progressMs = this.#options.clock.machine.elapsed();
  }

  #closeWire(): void {
    this.#wire?.close();
    this.#wire = undefined;
    this.#open = false;
    this.#timeouts = 0;
    this.#buffer.clear();
  }
}
