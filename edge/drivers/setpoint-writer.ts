import type { MqttWrite } from './mqtt/schema.ts';
import type { Setpoint, SetpointKey } from '../control/setpoint.ts';
import type { Span } from './driver.ts';

/** Timing of a setpoint's writes: seconds, and percent of `ratedKw`. */
export type WriteTiming = Pick<MqttWrite, 'keepAliveS' | 'minIntervalS' | 'deadbandPct'>;

const URGENT_INTERVAL_S = 1;
const FAILED_REST_MS = 1000;

/**
 * Decides when a setpoint is sent. A change is sent once it exceeds the dead band and the minimum interval has passed; an unchanged
 * setpoint, and the last one while a change waits, is repeated at each keep-alive. Urgent changes (relief) bypass the dead band and wait at most 1 s. A value outside
 * `span` is never sent.
 */
export class SetpointWriter {
  readonly #timing: WriteTiming;
  readonly #span: Span;
  readonly #deadband: number;
  #sent: { value: number; atMs: number; changedMs: number } | undefined;
  #restUntilMs = -Infinity;

  constructor(timing: WriteTiming, span: Span, rated: number) {
    this.#timing = timing;
    this.#span = span;
    this.#deadband = (timing.deadbandPct / 100) * rated;
  }

  /** What is to be sent at `nowMs` (elapsed): `value`, the last value again, or nothing. */
  due(value: number, nowMs: number, urgent: boolean): number | undefined {
    if (!this.allowed(value)) return undefined;
    if (nowMs < this.#restUntilMs) return undefined;
    if (this.#sent === undefined) return value;
    const { value: last, atMs, changedMs } = this.#sent;
    const change = Math.abs(value - last);
    const { keepAliveS, minIntervalS } = this.#timing;
    const isChange = change > 0 && (urgent || change > this.#deadband);
    const intervalS = urgent ? Math.min(minIntervalS, URGENT_INTERVAL_S) : minIntervalS;
    const [sinceS, unchangedS] = [(nowMs - atMs) / 1000, (nowMs - changedMs) / 1000];
    if (isChange && unchangedS >= intervalS && sinceS >= Math.min(intervalS, keepAliveS)) return value;
    if (sinceS < keepAliveS) return undefined;
    return isChange ? last : value;
  }

  allowed(value: number): boolean {
    const slack = 1e-6 * Math.max(1, Math.abs(this.#span.max), Math.abs(this.#span.min));
    return Number.isFinite(value) && value >= this.#span.min - slack && value <= this.#span.max + slack;
  }

  sent(value: number, nowMs: number): void {
    const changedMs = this.#sent?.value === value ? this.#sent.changedMs : nowMs;
    this.#sent = { value, atMs: nowMs, changedMs };
  }

  /** The write failed: it is due again after a second at the earliest. */
  failed(nowMs: number): void {
    this.#sent = undefined;
    this.#restUntilMs = nowMs + FAILED_REST_MS;
  }

  /** Forgets the last setpoint; the next one is sent at once. */
  release(): void {
    this.#sent = undefined;
  }
}

export interface Hold<Writer> {
  /** Elapsed plant time, ms. */
  readonly nowMs: number;
  readonly urgent: boolean;
  readonly refuse: (why: string) => void;
  readonly send: (key: SetpointKey, value: number, writer: Writer) => Promise<void>;
}

/** Sends the due parts of a setpoint, releases keys that it does not name, and refuses values outside their span. */
export async function holdDue<Writer extends { readonly timing: SetpointWriter }>(
  writers: ReadonlyMap<SetpointKey, Writer>,
  setpoint: Setpoint,
  { nowMs, urgent, refuse, send }: Hold<Writer>,
): Promise<void> {
  for (const [key, writer] of writers) {
    const value = setpoint[key];
    if (value === undefined) writer.timing.release();
    else if (!writer.timing.allowed(value)) refuse(`${key} ${value} is outside the range that may be sent`);
    else {
      const due = writer.timing.due(value, nowMs, urgent);
      if (due !== undefined) await send(key, due, writer);
    }
  }
}
