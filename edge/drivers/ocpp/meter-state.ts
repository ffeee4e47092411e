import type { MeterReading } from './meter-values.ts';

/** A value that a meter told, when, and when it came: plant time, ms UTC, and elapsed plant time, ms. */
export interface Told {
  readonly value: number;
  readonly sourceTime: number;
  readonly receivedMs: number;
}

/** What a connector's meter said last, each value with its own age. Undefined: it has not told it. */
export interface MeterState {
  /** kW; from the register where the meter tells no power. */
  readonly power: Told | undefined;
  readonly volts: Told | undefined;
  readonly registerKwh: number | undefined;
  readonly phases: number | undefined;
  /** Of the newest message, plant time, ms UTC. */
  readonly sourceTime: number;
  readonly receivedMs: number;
  readonly timeUncertain: boolean;
  /** The register, kWh, from which power is taken next. */
  readonly base: Told | undefined;
}

const LEAST_SPAN_MS = 5000;

/** The state behind a reading; a power that the register cannot mean, kW, is refused. */
export function metered(
  before: MeterState | undefined,
  { kw, energyKwh, volts, phases }: MeterReading,
  at: Pick<MeterState, 'sourceTime' | 'receivedMs' | 'timeUncertain'> & { readonly mostKw: number },
): { readonly state: MeterState; readonly refusedKw?: number } {
  const { sourceTime, receivedMs, timeUncertain, mostKw } = at;
  const told = (value: number): Told => ({ value, sourceTime, receivedMs });
  const state = {
    power: kw === undefined ? before?.power : told(kw),
    volts: volts === undefined ? before?.volts : told(volts),
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
  // Too soon to tell by it.
  if (kw === undefined && spanMs >= 0 && spanMs < LEAST_SPAN_MS) return { state };
  const next = { ...state, base: told(energyKwh) };
  if (kw !== undefined || base === undefined || spanMs < 0) return { state: next };
  const mean = ((energyKwh - base.value) * 3_600_000) / spanMs;
  // It was exchanged, or misread: what follows counts from here.
  if (mean < 0 || mean > mostKw) return { state: next, refusedKw: mean };
  return { state: { ...next, power: told(mean) } };
}
