import { tariffs } from '../../cloud/plan/problem/prices.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { PlantTruth } from '../plant/truth.ts';

/** What one day was worth, from the truth of the plants. Energy in kWh, times in minutes of plant time. */
export interface DayScore {
  readonly feederTrips: number;
  readonly interruptedKwh: number;
  /** Feeder heads above their limit of import or export. */
  readonly headOverMinutes: number;
  readonly regionOverMinutes: number;
  readonly regionPeakKw: number;
  /** At least one bus of a substation outside its band. */
  readonly voltageOutsideMinutes: number;
  /** Means of 10 min (EN 50160, 4.2.2.2) of single buses outside their band, % of all; a bus without voltage has none. */
  readonly voltageMeansOutsidePct: number;
  readonly highestPu: number;
  readonly lowestPu: number;
  /** After each spike, until the head's loading is under the pick-up of its relay; null where that tripped first. */
  readonly reliefS: readonly (number | null)[];
  readonly evNotServedKwh: number;
  readonly curtailedKwh: number;
  readonly batteryKwh: number;
  readonly lossesKwh: number;
  readonly tapMoves: number;
  readonly peakKw: Readonly<Record<string, number>>;
  /**
   * Losses, peaks, tap moves, curtailed sun, battery throughput and missing EV energy at the prices of profile `dso`; what a dark feeder
   * did not deliver at the price of the last, or a control that lets feeders trip would save by it.
   */
  readonly costEur: number;
}

interface Spike {
  readonly feeder: string;
  readonly atMs: number;
  endedMs: number | null | undefined;
}

const MARGIN = 1.01;
const MEAN_S = 600;
/** Of the heads' relays, over their rating. */
const PICK_UP_PCT = 120;

/** Adds up the truth step by step. */
export class Scorer {
  readonly #region: Region;
  readonly #spikes: Spike[] = [];
  readonly #tripped = new Set<string>();
  readonly #peaks: Record<string, number> = {};
  readonly #notServedAtStart = new Map<string, number>();
  readonly #movesAtStart = new Map<string, number>();
  #sum = {
    trips: 0,
    interrupted: 0,
    headOverS: 0,
    regionOverS: 0,
    voltageS: 0,
    curtailed: 0,
    battery: 0,
    losses: 0,
    highest: 0,
    lowest: Infinity,
    regionPeak: 0,
  };
  /** Of the 10 min that run, by bus: sum of the voltage, pu s, and for how long there was any. */
  readonly #means = new Map<string, { puS: number; s: number }>();
  readonly #meansCount = { all: 0, outside: 0 };
  #last: readonly PlantTruth[] = [];

  constructor(region: Region) {
    this.#region = region;
  }

  spike(feeder: string, atMs: number): void {
    this.#spikes.push({ feeder, atMs, endedMs: undefined });
  }

  /** Feeders whose relay opened in this step. */
  step(truths: readonly PlantTruth[], stepS: number): string[] {
    const fresh: string[] = [];
    const sum = this.#sum;
    const hours = stepS / 3600;
    for (const truth of truths) {
      if (!this.#notServedAtStart.has(truth.id)) {
        this.#notServedAtStart.set(truth.id, truth.energyNotServedKwh);
        this.#movesAtStart.set(truth.id, truth.tapMoves);
      }
      const substation = this.#region.substations.find(({ id }) => id === truth.id)!;
      sum.losses += truth.lossesKw * hours;
      sum.interrupted += truth.interruptedKw * hours;
      this.#peaks[truth.id] = Math.max(this.#peaks[truth.id] ?? 0, truth.transformer.activePowerKw);
      this.#heads(truth, substation, stepS, fresh);
      this.#devices(truth, substation, hours);
      let outside = false;
      for (const [bus, pu] of truth.voltagePu.entries()) {
        if (!(pu > 0) || truth.busIds[bus]!.endsWith('-hv')) continue;
        sum.highest = Math.max(sum.highest, pu);
        sum.lowest = Math.min(sum.lowest, pu);
        if (pu < substation.limits.vMinPu || pu > substation.limits.vMaxPu) outside = true;
        this.#mean(truth.busIds[bus]!, pu, stepS);
      }
      if (truth.timeMs % (MEAN_S * 1000) === 0) this.#closeMeans(truth.busIds, substation);
      if (outside) sum.voltageS += stepS;
    }
    const regionKw = truths.reduce((total, { sourceKw }) => total + sourceKw, 0);
    sum.regionPeak = Math.max(sum.regionPeak, regionKw);
    if (regionKw > this.#region.limits.importKw * MARGIN) sum.regionOverS += stepS;
    this.#last = truths;
    return fresh;
  }

  score(): DayScore {
    const sum = this.#sum;
    const { lossesEurPerMwh, peakEurPerKw, tapMoveEur, unservedEurPerKwh } = tariffs.dso;
    const evNotServedKwh = this.#last.reduce(
      (all, { id, energyNotServedKwh }) => all + energyNotServedKwh - this.#notServedAtStart.get(id)!,
      0,
    );
    const tapMoves = this.#last.reduce((all, { id, tapMoves: moves }) => all + moves - this.#movesAtStart.get(id)!, 0);
    const contract = (type: string): number =>
      this.#region.substations[0]!.devices.find((device) => device.type === type)?.contractEurPerKwh ?? 0;
    const costEur =
      (sum.losses / 1000) * lossesEurPerMwh +
      Object.values(this.#peaks).reduce((all, kw) => all + kw * peakEurPerKw, 0) +
      tapMoves * tapMoveEur +
      (evNotServedKwh + sum.interrupted) * unservedEurPerKwh +
      sum.curtailed * contract('pv-inverter') +
      sum.battery * contract('battery');
    return {
      feederTrips: sum.trips,
      interruptedKwh: round(sum.interrupted),
      headOverMinutes: round(sum.headOverS / 60),
      regionOverMinutes: round(sum.regionOverS / 60),
      regionPeakKw: round(sum.regionPeak),
      voltageOutsideMinutes: round(sum.voltageS / 60),
      voltageMeansOutsidePct: round((100 * this.#meansCount.outside) / Math.max(1, this.#meansCount.all), 1e3),
      highestPu: round(sum.highest, 1e4),
      lowestPu: round(sum.lowest, 1e4),
      reliefS: this.#spikes.map(({ atMs, endedMs }) => (typeof endedMs === 'number' ? (endedMs - atMs) / 1000 : null)),
      evNotServedKwh: round(evNotServedKwh),
      curtailedKwh: round(sum.curtailed),
      batteryKwh: round(sum.battery),
      lossesKwh: round(sum.losses),
      tapMoves,
      peakKw: Object.fromEntries(Object.entries(this.#peaks).map(([id, kw]) => [id, round(kw)])),
      costEur: round(costEur),
    };
  }

  #mean(bus: string, pu: number, stepS: number): void {
    const mean = this.#means.get(bus) ?? { puS: 0, s: 0 };
    mean.puS += pu * stepS;
    mean.s += stepS;
    this.#means.set(bus, mean);
  }

  #closeMeans(buses: readonly string[], { limits }: RegionSubstation): void {
    for (const bus of buses) {
      const mean = this.#means.get(bus);
      if (mean === undefined) continue;
      this.#means.delete(bus);
      if (mean.s < MEAN_S / 2) continue;
      const pu = mean.puS / mean.s;
      this.#meansCount.all++;
      if (pu < limits.vMinPu || pu > limits.vMaxPu) this.#meansCount.outside++;
    }
  }

  #heads(truth: PlantTruth, { heads }: RegionSubstation, stepS: number, fresh: string[]): void {
    for (const { id, activePowerKw, loadingPct, tripped } of truth.feeders) {
      const limit = heads?.find(({ feeder }) => feeder === id);
      const over =
        limit !== undefined && (activePowerKw > limit.importKw * MARGIN || activePowerKw < -limit.exportKw * MARGIN);
      if (over) this.#sum.headOverS += stepS;
      if (tripped && !this.#tripped.has(id)) {
        this.#sum.trips++;
        fresh.push(id);
      }
      if (tripped) this.#tripped.add(id);
      else this.#tripped.delete(id);
      for (const spike of this.#spikes)
        if (spike.feeder === id && spike.endedMs === undefined && truth.timeMs > spike.atMs + 1000) {
          if (tripped) spike.endedMs = null;
          else if (loadingPct < PICK_UP_PCT) spike.endedMs = truth.timeMs;
        }
    }
  }

  #devices(truth: PlantTruth, { devices }: RegionSubstation, hours: number): void {
    for (const { id, activePowerKw, values } of truth.devices) {
      const type = devices.find((device) => device.id === id)?.type;
      if (type === 'battery') this.#sum.battery += Math.abs(activePowerKw) * hours;
      if (type === 'pv-inverter')
        this.#sum.curtailed += Math.max(0, (values['availableKw'] ?? 0) + activePowerKw) * hours;
    }
  }
}

const round = (value: number, parts = 10): number => Math.round(value * parts) / parts;
