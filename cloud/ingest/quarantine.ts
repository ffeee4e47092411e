import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';

/** A refused message, for a person to look at. */
export interface QuarantineSample {
  /** Plant time, ms UTC. */
  readonly time: number;
  readonly gateway: string;
  readonly topic: string;
  readonly code: ErrorCode;
  readonly detail: string;
  /** The first bytes, base64. */
  readonly payload: string;
  readonly bytes: number;
}

const MAX_SAMPLES = 200;
const MAX_BYTES = 512;
const MAX_DETAIL = 300;

/** Counts of refusals, and their newest samples; bounded. */
export class Quarantine {
  readonly #counts = new Map<string, number>();
  readonly #samples: QuarantineSample[] = [];

  add(from: { time: number; gateway: string; topic: string; payload: Uint8Array }, fault: Fault): void {
    const { time, gateway, topic, payload } = from;
    this.#counts.set(fault.code, (this.#counts.get(fault.code) ?? 0) + 1);
    if (this.#samples.length >= MAX_SAMPLES) this.#samples.shift();
    this.#samples.push({
      time,
      gateway: gateway.slice(0, 64),
      topic: topic.slice(0, 200),
      code: fault.code,
      detail: fault.detail.slice(0, MAX_DETAIL),
      payload: toBase64(payload.subarray(0, MAX_BYTES)),
      bytes: payload.length,
    });
  }

  /** Number of refused messages or frames, by code. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Oldest first. */
  samples(): readonly QuarantineSample[] {
    return this.#samples;
  }
}

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
