import { LpBuilder, type LpSolver } from '../../cloud/plan/problem/lp.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { DeviceSpec } from '../plant/spec.ts';
import type { Course } from './course.ts';
import { SOURCE, TRANSFORMER, type SiteSeen, type Track } from './foresight-seen.ts';
import type { Protocol } from './protocol.ts';
import type { LimitKw } from './world.ts';

/** Power of each device in each step, kW of consumption; NaN leaves the device uncommanded. */
export type Schedule = ReadonlyMap<string, Float64Array>;

export const keyOf = (substation: string, device: string): string => `${substation} ${device}`;

export interface ProgrammeOptions {
  readonly course: Course;
  readonly region: Region;
  readonly prices: Protocol['prices'];
  readonly steps: number;
  readonly stepS: number;
  /** The rehearsal without commands: what cars and cold stores draw by themselves. */
  readonly free: readonly SiteSeen[];
  /** Share of a head's limit above which a kWh costs as much as lost load. */
  readonly pickUp: number;
}

/** Commands that differ from the free behaviour by less than this are dropped, kW. */
const FREE_KW = 0.5;
const PEAK_S = 900;
/** Small price of deferred energy per step, so that it returns early, EUR/kWh. */
const SOON_EUR = 1e-4;

/** LP columns with their factors, plus a fixed part, kW of consumption. */
interface Sum {
  readonly terms: readonly (readonly [column: number, factor: number])[];
  readonly kw: number;
}

/** A device's power in one step: its mean, and its highest and lowest within the step. */
type Power = Readonly<Record<'mean' | 'most' | 'least', Sum>>;

const steady = (sum: Sum): Power => ({ mean: sum, most: sum, least: sum });

interface Place {
  readonly base: Track;
  /** [device][step] */
  readonly powers: readonly (readonly Power[])[];
}

/**
 * The schedule with the lowest cost by the prices of J, assuming that the rehearsed course recurs: one linear programme over the whole run.
 * The next rehearsal shows the effect on voltages and losses. Undefined if the solver finds no solution.
 */
export function bestSchedule(
  seen: readonly SiteSeen[],
  options: ProgrammeOptions,
  solver: LpSolver,
): Schedule | undefined {
  const { course, region, pickUp } = options;
  const programme = new Programme(options);
  const sources: Place[] = [];
  for (const site of seen) {
    const model = region.substations.find(({ id }) => id === site.id)!;
    const free = options.free.find(({ id }) => id === site.id)!;
    const powers = new Map(site.devices.map((device) => [device.id, programme.device(device, site, free)]));
    const place = (id: string, devices: readonly DeviceSpec[]): Place => ({
      base: site.base.get(id)!,
      powers: devices.map((device) => powers.get(device.id)!),
    });
    for (const { feeder, ...limit } of model.heads ?? []) {
      const head = place(
        feeder,
        site.devices.filter(({ id }) => site.feederOf(id) === feeder),
      );
      programme.bound([head], limit);
      programme.bound([head], { importKw: pickUp * limit.importKw, exportKw: pickUp * limit.exportKw }, true);
    }
    const whole = place(TRANSFORMER, site.devices);
    programme.bound([whole], model.limits);
    programme.peak(whole);
    sources.push(place(SOURCE, site.devices));
  }
  programme.bound(sources, course.shared);
  return programme.solved(solver);
}

class Programme {
  readonly #options: ProgrammeOptions;
  readonly #lp = new LpBuilder();
  readonly #hours: number;
  /** By device: its powers, and the power without a command. */
  readonly #devices = new Map<string, { readonly powers: readonly Power[]; readonly free: Float64Array }>();

  constructor(options: ProgrammeOptions) {
    this.#options = options;
    this.#hours = options.stepS / 3600;
  }

  /** Adds the columns and rows of one device. */
  device(device: DeviceSpec, site: SiteSeen, free: SiteSeen): readonly Power[] {
    const { id } = device;
    let powers: readonly Power[] = [];
    if (device.type === 'battery') powers = this.#battery(device, site.socPct.get(id) ?? device.socMinPct);
    if (device.type === 'pv-inverter') powers = this.#sun(site.available.get(id)!);
    if (device.type === 'ev-site') {
      const sessions = free.sessions.get(id)!;
      const most = (step: number): number => Math.min(device.siteKw, sessions.most[step]! * device.chargerKw);
      const least = (step: number): number => sessions.most[step]! * device.floorKwPerSession;
      powers = this.#later(free.taken.get(id)!, { least, most, bufferKwh: Infinity, ahead: false });
    }
    if (device.type === 'flexible-load')
      powers = this.#later(free.taken.get(id)!, {
        least: () => device.minimumKw,
        most: () => device.ratedKw,
        bufferKwh: device.bufferKwh,
        ahead: true,
      });
    const own =
      device.type === 'pv-inverter' ? site.available.get(id)!.most.map((kw) => -kw) : free.taken.get(id)!.mean;
    this.#devices.set(keyOf(site.id, id), { powers, free: own });
    return powers;
  }

  /** Adds a price for exceeding a limit; with `lost`, the highest price of lost load. */
  bound(places: readonly Place[], { importKw, exportKw }: LimitKw, lost = false): void {
    const { prices } = this.#options;
    const eur = lost ? Math.max(...prices.lostLoad) : prices.overEurPerKwh;
    for (let step = 0; step < this.#options.steps; step++)
      for (const [sign, limit] of [
        [1, importKw],
        [-1, exportKw],
      ] as const) {
        const over = this.#lp.column(0, Infinity, eur * this.#hours);
        this.#row(places, { step, sign, limit, over });
      }
  }

  /** Adds the price of the peak, taken from quarter-hour means. */
  peak({ base, powers }: Place): void {
    const over = this.#lp.column(0, Infinity, this.#options.prices.peakEurPerKw);
    const { steps, stepS } = this.#options;
    const many = Math.max(1, Math.round(PEAK_S / stepS));
    for (let first = 0; first < steps; first += many) {
      const last = Math.min(steps, first + many);
      const mean = (kw: (step: number) => number): number => {
        let sum = 0;
        for (let step = first; step < last; step++) sum += kw(step);
        return sum / (last - first);
      };
      const kw = mean((step) => base.mean[step]! + powers.reduce((sum, power) => sum + power[step]!.mean.kw, 0));
      this.#lp.row(-Infinity, -kw);
      for (let step = first; step < last; step++)
        for (const power of powers)
          for (const [column, factor] of power[step]!.mean.terms) this.#lp.entry(column, factor / (last - first));
      this.#lp.entry(over, -1);
    }
  }

  solved(solver: LpSolver): Schedule | undefined {
    const { status, x } = solver.solve(this.#lp.pack());
    if (status !== 'optimal') return undefined;
    return new Map(
      [...this.#devices].map(([id, { powers, free }]) => [
        id,
        Float64Array.from(powers, ({ least: { terms, kw } }, step) => {
          const asked = terms.reduce((sum, [column, factor]) => sum + factor * x[column]!, kw);
          // An unlimited device is not held to the mean of a step either.
          return Math.abs(asked - free[step]!) < FREE_KW ? NaN : asked;
        }),
      ]),
    );
  }

  /** Keeps consumption (or feed-in, by `sign`) at the worst moment of the step under a limit, or pays for the excess. */
  #row(
    places: readonly Place[],
    {
      step,
      sign,
      limit,
      over,
    }: { readonly step: number; readonly sign: 1 | -1; readonly limit: number; readonly over: number },
  ): void {
    const worst = sign > 0 ? 'most' : 'least';
    let kw = 0;
    for (const { base, powers } of places) {
      kw += sign * base[worst][step]!;
      for (const power of powers) kw += sign * power[step]![worst].kw;
    }
    this.#lp.row(-Infinity, limit - kw);
    for (const { powers } of places)
      for (const power of powers)
        for (const [column, factor] of power[step]![worst].terms) this.#lp.entry(column, sign * factor);
    this.#lp.entry(over, -1);
  }

  #battery(
    { powerKw, capacityKwh, socMinPct, socMaxPct, efficiency }: Extract<DeviceSpec, { type: 'battery' }>,
    socPct: number,
  ): Power[] {
    const { prices, steps } = this.#options;
    const eur = prices.batteryEurPerKwh * this.#hours;
    const charge = this.#each(() => this.#lp.column(0, powerKw, eur));
    const discharge = this.#each(() => this.#lp.column(0, powerKw, eur));
    const stored = this.#each(() =>
      this.#lp.column((socMinPct / 100) * capacityKwh, (socMaxPct / 100) * capacityKwh, 0),
    );
    const lacking = this.#lp.column(0, Infinity, prices.storedEurPerKwh);
    this.#lp.row((socPct / 100) * capacityKwh, Infinity);
    this.#lp.entry(stored[steps - 1]!, 1);
    this.#lp.entry(lacking, 1);
    for (let step = 0; step < steps; step++) {
      const before = step === 0 ? (socPct / 100) * capacityKwh : 0;
      this.#lp.row(before, before);
      this.#lp.entry(stored[step]!, 1);
      if (step > 0) this.#lp.entry(stored[step - 1]!, -1);
      this.#lp.entry(charge[step]!, -this.#hours * efficiency);
      this.#lp.entry(discharge[step]!, this.#hours / efficiency);
    }
    return charge.map((column, step) =>
      steady({
        terms: [
          [column, 1],
          [discharge[step]!, -1],
        ],
        kw: 0,
      }),
    );
  }

  /**
   * Curtailed energy has a price. A limit first cuts the gusts of a step, down to its lowest sun, and the energy of that is taken as
   * proportional to the cut; below the lowest sun a limit cuts the whole step.
   */
  #sun({ mean, most, least }: Track): Power[] {
    const eur = this.#options.prices.curtailedEurPerKwh * this.#hours;
    return this.#each((step) => step).map((step) => {
      const gustKw = most[step]! - least[step]!;
      const share = gustKw > 0 ? (mean[step]! - least[step]!) / gustKw : 0;
      const gust = this.#lp.column(0, gustKw, eur * share);
      const steadily = this.#lp.column(0, least[step]!, eur);
      const cut = [steadily, 1] as const;
      return {
        mean: { terms: [[gust, share], cut], kw: -mean[step]! },
        most: { terms: [cut], kw: -least[step]! },
        least: { terms: [[gust, 1], cut], kw: -most[step]! },
      };
    });
  }

  /** A load that may be deferred, and with `ahead` also taken early. Energy still due at the end has a price. */
  #later(
    free: Track,
    to: {
      readonly least: (step: number) => number;
      readonly most: (step: number) => number;
      readonly bufferKwh: number;
      readonly ahead: boolean;
    },
  ): Power[] {
    const { prices, steps } = this.#options;
    const power = this.#each((step) => {
      const kw = free.mean[step]!;
      return this.#lp.column(Math.min(kw, to.least(step)), Math.max(kw, to.most(step)), 0);
    });
    const due = this.#each((step) =>
      this.#lp.column(0, to.bufferKwh, step === steps - 1 ? prices.storedEurPerKwh : SOON_EUR),
    );
    const early = this.#each(() => this.#lp.column(0, to.ahead ? to.bufferKwh : 0, SOON_EUR));
    for (let step = 0; step < steps; step++) {
      const kwh = free.mean[step]! * this.#hours;
      this.#lp.row(kwh, kwh);
      this.#lp.entry(power[step]!, this.#hours);
      for (const [columns, sign] of [
        [due, 1],
        [early, -1],
      ] as const) {
        this.#lp.entry(columns[step]!, sign);
        if (step > 0) this.#lp.entry(columns[step - 1]!, -sign);
      }
    }
    return power.map((column) => steady({ terms: [[column, 1]], kw: 0 }));
  }

  #each(make: (step: number) => number): number[] {
    return Array.from({ length: this.#options.steps }, (_, step) => make(step));
  }
}
