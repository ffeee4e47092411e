import type { MeterReading } from './meter-values.ts';

/** A meter value with its times: source, plant time, ms UTC, and receipt, elapsed plant time, ms. */
export interface StampedValue {
  readonly value: number;
  readonly sourceTime: number;
  readonly receivedMs: number;
}

/** Last values of a connector's meter, each with its own age. Undefined: not reported. */
export interface MeterState {
  /** kW; derived from the register if the meter reports no power. */
  readonly power: StampedValue | undefined;
  readonly volts: StampedValue | undefined;
  readonly registerKwh: number | undefined;
  readonly phases: number | undefined;
  /** Time of the newest message, plant time, ms UTC. */
  readonly sourceTime: number;
  readonly receivedMs: number;
  readonly timeUncertain: boolean;
  /** Register value, kWh, from which the next power is derived. */
  readonly base: StampedValue | undefined;
}

const LEAST_SPAN_MS = 5000;

/** The state after a reading. A derived power above `mostKw` or below 0 is refused. */
export function metered(
  before: MeterState | undefined,
  { kw, energyKwh, volts, phases }: MeterReading,
  at: Pick<MeterState, 'sourceTime' | 'receivedMs' | 'timeUncertain'> & { readonly mostKw: number },
): { readonly state: MeterState; readonly refusedKw?: number } {
  const { sourceTime, receivedMs, timeUncertain, mostKw } = at;
  const stamped = (value: number): StampedValue => ({ value, sourceTime, receivedMs });
  const state = {
    power: kw === undefined ? before?.power : stamped(kw),
    volts: volts === undefined ? before?.volts : stamped(volts),
    registerKwh: energyKwh ?? before?.registerKwh,
    phases: phases ?? before?.phases,
    sourceTime,
    receivedMs,
    timeUncertain,
    base: before?.base,
  };
  if (energyKwh === undefined) return { state };
  const base = before?.base;
  const spanMs = sourceTime - (base?.sourceTime ?? Infinity);
  // Too short an interval to derive a power.
  if (kw === undefined && spanMs >= 0 && spanMs < LEAST_SPAN_MS) return { state };
  const next = { ...state, base: stamped(energyKwh) };
  if (kw !== undefined || base === undefined || spanMs < 0) return { state: next };
  const mean = ((energyKwh - base.value) * 3_600_000) / spanMs;
  // The meter was exchanged or misread, so counting restarts here.
  if (mean < 0 || mean > mostKw) return { state: next, refusedKw: mean };
  return { state: { ...next, power: stamped(mean) } };
}
