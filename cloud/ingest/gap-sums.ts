import type { Stretch } from './account.ts';

const HOUR_MS = 3_600_000;
/** Hours per block sum: three weeks. */
const BLOCK = 512;
/** Stretches with an unknown begin or end are counted beyond all real hours. */
const NEVER = 2 ** 40;

/** Frames by the hour. Sums up to an hour read few numbers, however many years there are. */
class HourSums {
  readonly #hours = new Map<number, number>();
  readonly #blocks = new Map<number, number>();

  add(hour: number, frames: number): void {
    addTo(this.#hours, hour, frames);
    addTo(this.#blocks, Math.floor(hour / BLOCK), frames);
  }

  before(hour: number): number {
    if (this.#hours.size === 0) return 0;
    const block = Math.floor(hour / BLOCK);
    let sum = 0;
    for (const [at, frames] of this.#blocks) if (at < block) sum += frames;
    for (let at = block * BLOCK; at < hour; at++) sum += this.#hours.get(at) ?? 0;
    return sum;
  }
}

function addTo(sums: Map<number, number>, key: number, frames: number): void {
  const sum = (sums.get(key) ?? 0) + frames;
  if (sum === 0) sums.delete(key);
  else sums.set(key, sum);
}

interface Sums {
  readonly state: Stretch['state'];
  readonly code: string | null;
  frames: number;
  /** By the hour in which stretches begin. */
  readonly begin: HourSums;
  /** Corrections from the hour of the begin to the hour of the end, for the few stretches where these differ. */
  moved: HourSums | undefined;
}

/** Maximum number of distinct states and codes. */
const MOST_REASONS = 64;

/** Frames that are not stored, by their fate. */
export interface GapCounts {
  readonly missing: number;
  readonly refused: number;
  readonly dropped: number;
  readonly lost: number;
  /** Frames by the code of their refusal or the gateway's reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Sums over stretches that are not stored. The cost of a query does not grow with their number. */
export class GapSums {
  readonly #sums = new Map<string, Sums>();

  /** Adds a stretch (1) or removes it (-1). */
  count({ state, code, frames, timeFrom, timeTo }: Stretch, sign: 1 | -1): void {
    const key = `${state} ${code ?? ''}`;
    let sums = this.#sums.get(key);
    if (sums === undefined) {
      sums = { state, code, frames: 0, begin: new HourSums(), moved: undefined };
      this.#sums.set(key, sums);
    }
    sums.frames += sign * frames;
    // If a clock was set back, the span before may end later than the one after begins.
    const [begin, end] = [hourOf(Math.min(timeFrom, timeTo)), hourOf(Math.max(timeFrom, timeTo))];
    sums.begin.add(begin, sign * frames);
    if (begin !== end) {
      sums.moved ??= new HourSums();
      sums.moved.add(begin, -sign * frames);
      sums.moved.add(end, sign * frames);
    }
    if (sums.frames === 0) this.#sums.delete(key);
  }

  /** True if a reason may be counted on its own. Gateways word their reasons and could invent new ones without end. */
  names(code: string): boolean {
    const isKnown = (['refused', 'dropped', 'lost'] as const).some((state) => this.#sums.has(`${state} ${code}`));
    return isKnown || this.#sums.size < MOST_REASONS;
  }

  total(): GapCounts {
    return this.#counts(({ frames }) => frames);
  }

  /** Frames that may lie in the hours of [from, to). */
  between(from: number, to: number): GapCounts {
    const [first, end] = [hourOf(from), hourOf(to)];
    return this.#counts(
      ({ begin, moved }) => begin.before(end) - begin.before(first) - (moved === undefined ? 0 : moved.before(first)),
    );
  }

  #counts(framesOf: (sums: Sums) => number): GapCounts {
    const counts = { missing: 0, refused: 0, dropped: 0, lost: 0 };
    const reasons: Record<string, number> = {};
    for (const sums of this.#sums.values()) {
      const frames = framesOf(sums);
      counts[sums.state] += frames;
      if (sums.code !== null && frames > 0) reasons[sums.code] = (reasons[sums.code] ?? 0) + frames;
    }
    return { ...counts, reasons };
  }
}

const hourOf = (time: number): number => Math.max(-NEVER, Math.min(NEVER, Math.floor(time / HOUR_MS)));
