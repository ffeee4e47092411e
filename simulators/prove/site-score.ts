import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { tripTimeS } from '../plant/relay.ts';
import type { PlantTruth } from '../plant/truth.ts';
import { EV_FLOOR_KW } from '../region/devices.ts';
import type { Course } from './course.ts';

/** One minute of a substation, for timelines. */
export interface Minute {
  readonly sourceKw: number;
  readonly loadingPct: number;
  readonly lowestPu: number;
  readonly highestPu: number;
  readonly devicesKw: number;
  readonly darkBuses: number;
}

export interface Relief {
  readonly feeder: string;
  readonly share: number;
  /**
   * How long the head stays above its limit, and above its relay's pick-up, once it passes them during the spike, s; 0 if it never does, null
   * if it trips first or the run ends.
   */
  readonly limitS: number | null;
  readonly pickUpS: number | null;
  /** Excess over the limit that all devices behind the head together could not have relieved, kW; null if it trips before it shows one. */
  readonly beyondKw: number | null;
  /** Highest voltage above the band in the minute after the spike, pu; null if the run ended before. */
  readonly overshootPu: number | null;
  /** Time in which the relay trips at the head's first loading, before any relief, s; null if that is below its pick-up. */
  readonly relayS: number | null;
  /** The head tripped during the spike. */
  readonly tripped: boolean;
}

/** A spike that passed the limit and that the devices behind the head could relieve. */
export const isRelievable = ({ limitS, beyondKw }: Relief): boolean => limitS !== 0 && beyondKw === 0;

export interface SiteOutcome {
  readonly customerMinutes: number;
  readonly worstCustomerMinutes: number;
  readonly means: number;
  readonly en50160Means: number;
  readonly bandMeans: number;
  readonly voltageBusHours: number;
  readonly headOverKwh: number;
  readonly transformerOverKwh: number;
  readonly degreeHours: number;
  readonly trips: number;
  readonly inverterTrips: number;
  readonly interruptedKwh: number;
  readonly evNotServedKwh: number;
  readonly dueKwh: number;
  /** Sum over the batteries of the energy lost between start and end. */
  readonly lackingKwh: number;
  readonly lossesKwh: number;
  readonly curtailedKwh: number;
  readonly batteryKwh: number;
  readonly tapMoves: number;
  readonly peakKw: number;
  readonly relief: readonly Relief[];
}

const MEAN_S = 600;
/** Interval of the means that define the peak, as in billing. */
const PEAK_MS = 900_000;
const EN_50160 = [0.9, 1.1] as const;
const HOT_C = 98;
const PICK_UP_PCT = 120;
const TRIP = { pu: 1.1, afterS: 2 };
const AFTER_SPIKE_S = 60;

/** Time above a level: since when, and how long; null if the head tripped first. */
interface Above {
  sinceS?: number;
  s?: number | null;
}

interface Spike {
  readonly feeder: string;
  readonly share: number;
  readonly beginMs: number;
  readonly endMs: number;
  readonly limit: Above;
  readonly pickUp: Above;
  beyondKw: number | null | undefined;
  highestPu: number | undefined;
  relayS: number | undefined;
  tripped: boolean;
  /** The head had tripped before the spike, which then loads nothing. */
  isDead: boolean | undefined;
}

/** Scores one substation from the truth, step by step. It uses nothing that a controller reports. */
export class SiteScore {
  readonly minutes: Minute[] = [];
  /** Power from the 110 kV source in each step, kW. */
  readonly sourceKw: number[] = [];
  readonly #model: RegionSubstation;
  readonly #band: readonly [number, number];
  readonly #spikes: readonly Spike[];
  readonly #customers: ReadonlyMap<string, number>;
  readonly #types: ReadonlyMap<string, RegionSubstation['devices'][number]>;
  readonly #dark = new Map<string, number>();
  readonly #tripped = new Set<string>();
  readonly #highS = new Map<string, number>();
  #means: Float64Array | undefined;
  #meanS: Float64Array | undefined;
  #first: PlantTruth | undefined;
  /** The running quarter-hour: sum of kW times seconds, and its seconds. */
  #quarter = { at: NaN, kwS: 0, s: 0 };
  #last: PlantTruth | undefined;
  #minute = { sourceKw: 0, loadingPct: 0, lowestPu: Infinity, highestPu: 0, devicesKw: 0, darkBuses: 0, s: 0 };
  readonly #sum = {
    means: 0,
    en50160Means: 0,
    bandMeans: 0,
    voltageBusHours: 0,
    headOverKwh: 0,
    transformerOverKwh: 0,
    degreeHours: 0,
    trips: 0,
    inverterTrips: 0,
    interruptedKwh: 0,
    lossesKwh: 0,
    curtailedKwh: 0,
    batteryKwh: 0,
    peakKw: 0,
  };

  constructor(
    model: RegionSubstation,
    course: Course,
    unit: { readonly kwPerCustomer: number; readonly planningBandPu: readonly [number, number] },
  ) {
    this.#model = model;
    this.#band = unit.planningBandPu;
    this.#types = new Map(model.devices.map((device) => [device.id, device]));
    this.#customers = new Map(
      model.network.loads.map(({ bus, activePowerKw }) => [bus, Math.round(activePowerKw / unit.kwPerCustomer)]),
    );
    this.#spikes = course.events.flatMap((event) =>
      event.kind === 'spike' && event.feeder.startsWith(`${model.id}-`)
        ? [
            {
              feeder: event.feeder,
              share: event.share,
              beginMs: course.startMs + event.atS * 1000,
              endMs: course.startMs + (event.atS + event.s) * 1000,
              limit: {},
              pickUp: {},
              beyondKw: undefined,
              highestPu: undefined,
              relayS: undefined,
              tripped: false,
              isDead: undefined,
            },
          ]
        : [],
    );
  }

  step(truth: PlantTruth, stepS: number): void {
    this.#first ??= copied(truth);
    this.#last = truth;
    const hours = stepS / 3600;
    const sum = this.#sum;
    this.sourceKw.push(truth.sourceKw);
    sum.lossesKwh += truth.lossesKw * hours;
    sum.interruptedKwh += truth.interruptedKw * hours;
    sum.degreeHours += Math.max(0, (truth.winding?.hotSpotC ?? 0) - HOT_C) * hours;
    this.#peak(truth, stepS);
    sum.transformerOverKwh += over(truth.transformer.activePowerKw, this.#model.limits) * hours;
    const highestPu = this.#voltages(truth, stepS);
    this.#heads(truth, hours);
    const devicesKw = this.#devices(truth, stepS);
    for (const spike of this.#spikes)
      follow(spike, truth, {
        highestPu,
        limit: this.#headLimit(spike.feeder),
        room: () => this.#room(spike.feeder, truth),
      });
    this.#keep(truth, { stepS, highestPu, devicesKw });
  }

  outcome(): SiteOutcome {
    const [first, last] = [this.#first!, this.#last!];
    const minutes = [...this.#dark].map(([bus, s]) => ({ minutes: s / 60, customers: this.#customers.get(bus) ?? 0 }));
    return {
      ...this.#sum,
      peakKw: this.#highest(),
      customerMinutes: minutes.reduce((all, each) => all + each.minutes * each.customers, 0),
      worstCustomerMinutes: Math.max(0, ...minutes.map((each) => (each.customers > 0 ? each.minutes : 0))),
      evNotServedKwh: last.energyNotServedKwh - first.energyNotServedKwh,
      tapMoves: last.tapMoves - first.tapMoves,
      dueKwh: this.#total(last, 'energyDueKwh') - this.#total(first, 'energyDueKwh'),
      lackingKwh: this.#lacking(first, last),
      relief: this.#spikes
        .filter(({ isDead }) => isDead !== true)
        .map((spike) => {
          const { feeder, share, limit, pickUp, beyondKw = 0, highestPu, relayS, tripped } = spike;
          return {
            feeder,
            share,
            limitS: lasted(limit),
            pickUpS: lasted(pickUp),
            beyondKw: beyondKw === null ? null : round(beyondKw),
            overshootPu: highestPu === undefined ? null : Math.max(0, highestPu - this.#band[1]),
            relayS: relayS === undefined || !Number.isFinite(relayS) ? null : round(relayS),
            tripped,
          };
        }),
    };
  }

  #peak({ timeMs, transformer }: PlantTruth, stepS: number): void {
    const at = Math.ceil(timeMs / PEAK_MS);
    if (at !== this.#quarter.at) {
      this.#sum.peakKw = this.#highest();
      this.#quarter = { at, kwS: 0, s: 0 };
    }
    this.#quarter.kwS += transformer.activePowerKw * stepS;
    this.#quarter.s += stepS;
  }

  #highest(): number {
    const { kwS, s } = this.#quarter;
    return s === 0 ? this.#sum.peakKw : Math.max(this.#sum.peakKw, kwS / s);
  }

  #headLimit(feeder: string): number {
    return this.#model.heads?.find((each) => each.feeder === feeder)?.importKw ?? Infinity;
  }

  /** Further relief available at a feeder from batteries, charging cars and controllable loads, kW. */
  #room(feeder: string, { devices }: PlantTruth): number {
    return devices.reduce((all, { id, activePowerKw, values }) => {
      const device = this.#types.get(id);
      if (device?.feeder !== feeder) return all;
      const { type, dischargeKw = 0, socMinPct = 0, floorKw = 0 } = device;
      if (type === 'battery')
        return all + Math.max(0, activePowerKw + ((values['socPct'] ?? 0) > socMinPct ? dischargeKw : 0));
      const owed = type === 'ev-site' ? Math.min(floorKw, (values['sessions'] ?? 0) * EV_FLOOR_KW) : floorKw;
      return type === 'ev-site' || type === 'flexible-load' ? all + Math.max(0, activePowerKw - owed) : all;
    }, 0);
  }

  #voltages(truth: PlantTruth, stepS: number): number {
    const { voltagePu, busIds } = truth;
    const means = (this.#means ??= new Float64Array(busIds.length));
    const meanS = (this.#meanS ??= new Float64Array(busIds.length));
    let highest = 0;
    let dark = 0;
    for (let bus = 0; bus < busIds.length; bus++) {
      const id = busIds[bus]!;
      if (id.endsWith('-hv')) continue;
      const pu = voltagePu[bus]!;
      if (!(pu > 0)) {
        this.#dark.set(id, (this.#dark.get(id) ?? 0) + stepS);
        dark++;
        continue;
      }
      highest = Math.max(highest, pu);
      this.#minute.lowestPu = Math.min(this.#minute.lowestPu, pu);
      means[bus]! += pu * stepS;
      meanS[bus]! += stepS;
    }
    this.#minute.darkBuses = Math.max(this.#minute.darkBuses, dark);
    if (truth.timeMs % (MEAN_S * 1000) < stepS * 1000) this.#closeMeans(means, meanS);
    return highest;
  }

  /** A bus that was dead for more than half of the 10 min has no mean. */
  #closeMeans(means: Float64Array, meanS: Float64Array): void {
    for (let bus = 0; bus < means.length; bus++) {
      const s = meanS[bus]!;
      const pu = means[bus]! / s;
      means[bus] = 0;
      meanS[bus] = 0;
      if (s < MEAN_S / 2) continue;
      this.#sum.means++;
      if (pu < this.#band[0] || pu > this.#band[1]) this.#sum.bandMeans++;
      if (pu >= EN_50160[0] && pu <= EN_50160[1]) continue;
      this.#sum.en50160Means++;
      this.#sum.voltageBusHours += MEAN_S / 3600;
    }
  }

  #heads(truth: PlantTruth, hours: number): void {
    for (const { id, activePowerKw, loadingPct, tripped } of truth.feeders) {
      const limit = this.#model.heads?.find(({ feeder }) => feeder === id);
      if (limit !== undefined) this.#sum.headOverKwh += over(activePowerKw, limit) * hours;
      if (tripped && !this.#tripped.has(id)) this.#sum.trips++;
      if (tripped) this.#tripped.add(id);
      else this.#tripped.delete(id);
      this.#minute.loadingPct = Math.max(this.#minute.loadingPct, loadingPct);
    }
  }

  #devices(truth: PlantTruth, stepS: number): number {
    let kw = 0;
    for (const { id, activePowerKw, voltagePu, values } of truth.devices) {
      kw += activePowerKw;
      const type = this.#types.get(id)?.type;
      if (type === 'battery') this.#sum.batteryKwh += (Math.abs(activePowerKw) * stepS) / 3600;
      if (type !== 'pv-inverter') continue;
      const lostKw = Math.max(0, (values['availableKw'] ?? 0) + activePowerKw);
      if (voltagePu > 0) this.#sum.curtailedKwh += (lostKw * stepS) / 3600;
      const before = this.#highS.get(id) ?? 0;
      const highS = voltagePu > TRIP.pu ? before + stepS : 0;
      if (before < TRIP.afterS && highS >= TRIP.afterS) this.#sum.inverterTrips++;
      this.#highS.set(id, highS);
    }
    return kw;
  }

  #total({ devices }: Pick<PlantTruth, 'devices'>, key: string): number {
    return devices.reduce((all, { values }) => all + (values[key] ?? 0), 0);
  }

  #lacking(first: PlantTruth, last: PlantTruth): number {
    return first.devices.reduce((all, { id, values }, at) => {
      const { type, capacityKwh = 0 } = this.#types.get(id) ?? {};
      if (type !== 'battery') return all;
      const lostPct = (values['socPct'] ?? 0) - (last.devices[at]!.values['socPct'] ?? 0);
      return all + (capacityKwh * Math.max(0, lostPct)) / 100;
    }, 0);
  }

  #keep(
    truth: PlantTruth,
    now: { readonly stepS: number; readonly highestPu: number; readonly devicesKw: number },
  ): void {
    const minute = this.#minute;
    minute.sourceKw += truth.sourceKw * now.stepS;
    minute.devicesKw += now.devicesKw * now.stepS;
    minute.highestPu = Math.max(minute.highestPu, now.highestPu);
    minute.s += now.stepS;
    if (minute.s < 60) return;
    this.minutes.push({
      sourceKw: round(minute.sourceKw / minute.s),
      devicesKw: round(minute.devicesKw / minute.s),
      loadingPct: round(minute.loadingPct),
      lowestPu: round(minute.lowestPu, 1e4),
      highestPu: round(minute.highestPu, 1e4),
      darkBuses: minute.darkBuses,
    });
    this.#minute = { sourceKw: 0, loadingPct: 0, lowestPu: Infinity, highestPu: 0, devicesKw: 0, darkBuses: 0, s: 0 };
  }
}

function follow(
  spike: Spike,
  truth: PlantTruth,
  { highestPu, limit, room }: { readonly highestPu: number; readonly limit: number; readonly room: () => number },
): void {
  const s = (truth.timeMs - spike.beginMs) / 1000;
  const head = truth.feeders.find(({ id }) => id === spike.feeder)!;
  const afterS = (truth.timeMs - spike.endMs) / 1000;
  if (afterS > 0 && afterS <= AFTER_SPIKE_S) spike.highestPu = Math.max(spike.highestPu ?? 0, highestPu);
  if (s >= 0) spike.isDead ??= head.tripped;
  // The spike shows in the power one step later.
  if (s < 1) return;
  const { tripped } = head;
  const isOn = afterS <= 0;
  const isOver = head.activePowerKw > limit;
  spike.relayS ??= tripped ? undefined : tripTimeS(head.loadingPct / 100);
  if (tripped && isOn) {
    spike.tripped = true;
    spike.beyondKw ??= null;
  }
  if (isOver && isOn) spike.beyondKw ??= Math.max(0, head.activePowerKw - limit - room());
  noteAbove(spike.limit, { s, tripped, isOn, isOver });
  noteAbove(spike.pickUp, { s, tripped, isOn, isOver: head.loadingPct >= PICK_UP_PCT });
}

interface Moment {
  readonly s: number;
  readonly tripped: boolean;
  readonly isOn: boolean;
  readonly isOver: boolean;
}

function noteAbove(above: Above, { s, tripped, isOn, isOver }: Moment): void {
  if (above.s !== undefined || (above.sinceS === undefined && !isOn)) return;
  if (tripped) above.s = null;
  else if (isOver) above.sinceS ??= s;
  else if (above.sinceS !== undefined) above.s = s - above.sinceS;
}

const lasted = ({ s, sinceS }: Above): number | null => (s !== undefined ? s : sinceS === undefined ? 0 : null);

/** Excess of a power over its limits, kW. */
export const over = (kw: number, { importKw, exportKw }: { importKw: number; exportKw: number }): number =>
  Math.max(0, kw - importKw, -kw - exportKw);

const copied = (truth: PlantTruth): PlantTruth => ({
  ...truth,
  devices: truth.devices.map((device) => ({ ...device, values: { ...device.values } })),
});

const round = (value: number, parts = 10): number => Math.round(value * parts) / parts;
