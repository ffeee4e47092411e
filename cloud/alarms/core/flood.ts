export const TEN_MINUTES_MS = 600_000;

/** A flood begins above `above` alarms in ten minutes and ends below `below` (ISA-18.2, 16.5.3). */
export interface FloodRule {
  readonly above: number;
  readonly below: number;
}

/** Counts the alarms of the last ten minutes, and the start of a flood. */
export class FloodMeter {
  readonly #rule: FloodRule;
  #times: number[] = [];
  #since: number | null = null;

  constructor(rule: FloodRule) {
    this.#rule = rule;
  }

  /** Counts an announced alarm, ms UTC. Times must not decrease. */
  announced(at: number): void {
    this.#times.push(at);
    this.advance(at);
  }

  advance(now: number): void {
    const from = this.#times.findIndex((time) => time > now - TEN_MINUTES_MS);
    this.#times = from < 0 ? [] : this.#times.slice(from);
    const count = this.#times.length;
    if (this.#since === null && count > this.#rule.above) this.#since = now;
    else if (this.#since !== null && count < this.#rule.below) this.#since = null;
  }

  get inTenMinutes(): number {
    return this.#times.length;
  }

  get floodSince(): number | null {
    return this.#since;
  }
}

/** Time in flood within [from, to), ms, for alarms announced at `times` (ascending). */
export function floodMs(times: readonly number[], span: { from: number; to: number }, rule: FloodRule): number {
  const meter = new FloodMeter(rule);
  // A flood may end without a new alarm, so also checks where alarms leave the window.
  const looks = [
    ...times.map((at) => ({ at, enters: true })),
    ...times.map((at) => ({ at: at + TEN_MINUTES_MS, enters: false })),
  ]
    .filter(({ at }) => at < span.to)
    .toSorted((a, b) => a.at - b.at || Number(a.enters) - Number(b.enters));
  let total = 0;
  let since: number | null = null;
  for (const { at, enters } of looks) {
    if (enters) meter.announced(at);
    else meter.advance(at);
    if (since === null && meter.floodSince !== null) since = at;
    if (since !== null && meter.floodSince === null) {
      total += Math.max(0, at - Math.max(since, span.from));
      since = null;
    }
  }
  return total + (since === null ? 0 : Math.max(0, span.to - Math.max(since, span.from)));
}
