import type { Metric } from '../../shared/contracts/frame.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import { doubted, type Sample } from '../../shared/contracts/sample.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Turns } from '../../shared/time/turns.ts';
import { sideBySide } from '../compute/side-by-side.ts';
import type { ReplayTask } from '../estimate/tasks.ts';
import type { EstimateState } from '../estimate/state.ts';
import type { SeriesKey, TelemetryStore } from '../telemetry/store.ts';
import type { MomentStore, RecordedMoment } from './moment-store.ts';
import { AGAIN_MS } from './recorder.ts';

export interface PastOptions {
  readonly region: Region;
  readonly store: Pick<TelemetryStore, 'latest'>;
  readonly moments: Pick<MomentStore, 'newest'>;
  /** Estimates the state from the readings of that time. */
  estimate(task: ReplayTask): Promise<EstimateState>;
  /** Plant seconds per machine second, used if nothing was recorded for the moment. */
  speed(): number;
}

export interface PastQuery {
  /** Plant time, ms UTC. */
  readonly at: number;
  readonly substations: readonly string[];
}

/** A substation as it was at a moment. */
export interface PastStation {
  readonly substation: string;
  /** Null if nothing was recorded for its gateway. */
  readonly recorded: Omit<RecordedMoment, 'gateway'> | null;
  /** Undefined if the substation had no readings. */
  readonly estimate: EstimateState | undefined;
  readonly readings: ReadonlyMap<string, Readonly<Partial<Record<Metric, Sample>>>>;
}

/** How far back a value is looked up. A value becomes stale long before this, and anything older counts as unknown. */
const BEFORE_MS = 1_800_000;
/**
 * Arrival times are not stored per frame. A value that arrived live, within this of its source time, counts as known at its source time; a
 * later arrival does not.
 */
const LIVE_MS = 60_000;
/** A recorded moment is valid until the next one is due, plus slack for a late recording. */
const RECORDED_MS = AGAIN_MS + 120_000;
const SIDE_BY_SIDE = 2;
const MOST_WAITING = 20;

/**
 * Rebuilds substations as they were at a moment: the values that had arrived by then, the estimate computed from them again, and the
 * recorded state. The cost depends neither on the age of the moment nor on the size of the store.
 */
export class Past {
  readonly #options: PastOptions;
  readonly #turns = new Turns();
  #waiting = 0;

  constructor(options: PastOptions) {
    this.#options = options;
  }

  async of({ at, substations }: PastQuery): Promise<PastStation[]> {
    if (this.#waiting >= MOST_WAITING)
      throw new LoadstoneError(
        'LS-API-009',
        `${MOST_WAITING} reads of past moments are already waiting; try again later`,
      );
    this.#waiting++;
    try {
      return await this.#turns.take(async () => {
        const asked = this.#options.region.substations.filter(({ id }) => substations.includes(id));
        const found: PastStation[] = [];
        await sideBySide(asked, SIDE_BY_SIDE, async (each) => void found.push(await this.#station(each, at)));
        return found;
      });
    } finally {
      this.#waiting--;
    }
  }

  async #station(substation: RegionSubstation, at: number): Promise<PastStation> {
    const { moments } = this.#options;
    const { id, gateway } = substation;
    const newest = await moments.newest(gateway, { after: at - RECORDED_MS, at });
    const readings = await this.#readings(substation, { at, gone: newest?.moment.gone ?? [] });
    const { findings = [], suspected = [], exchange = null } = newest?.moment ?? {};
    const state =
      readings.size === 0
        ? undefined
        : await this.#options.estimate({
            substation: id,
            time: at,
            speed: newest?.moment.speed ?? this.#options.speed(),
            readings,
            findings: findings.filter(
              ({ finding, device }) => finding !== 'wrong-switch' || !suspected.includes(device),
            ),
            exchange: exchange ?? undefined,
          });
    const recorded = newest === undefined ? null : { at: newest.at, moment: newest.moment };
    return { substation: id, recorded, estimate: state, readings };
  }

  /** Returns the readings that had arrived by then. The last values of offline devices are marked doubtful, as they were at the time. */
  async #readings(
    substation: RegionSubstation,
    { at, gone }: { readonly at: number; readonly gone: readonly string[] },
  ): Promise<Map<string, Partial<Record<Metric, Sample>>>> {
    const series = seriesOf(substation);
    const range = { start: Math.max(0, at - BEFORE_MS), end: at, asOf: at + LIVE_MS };
    const samples = await this.#options.store.latest({ series, ...range });
    const readings = new Map<string, Partial<Record<Metric, Sample>>>();
    for (const [index, { device, metric }] of series.entries()) {
      const sample = samples[index];
      if (sample === undefined) continue;
      const quality = gone.includes(device) ? doubted(sample.quality) : sample.quality;
      readings.set(device, { ...readings.get(device), [metric]: { ...sample, quality } });
    }
    return readings;
  }
}

/** Metrics that the estimate and the views read from meters and devices. */
const METERED: readonly Metric[] = ['activePowerKw', 'reactivePowerKvar', 'voltagePu'];

function seriesOf({ gateway, devices, meters }: RegionSubstation): (SeriesKey & { readonly metric: Metric })[] {
  const key = (device: string) => (metric: Metric) => ({ gateway, device, metric });
  const metered = new Set([...meters.map(({ device }) => device), ...devices.map(({ id }) => id)]);
  return [
    ...[...metered].flatMap((device) => METERED.map(key(device))),
    ...devices.flatMap(({ id, type }) =>
      type === 'battery' ? [key(id)('socPct')] : type === 'tap-changer' ? [key(id)('tapPosition')] : [],
    ),
  ];
}
