import type { SettingsBody } from '../../shared/contracts/document.ts';
import type { ShareKw, ShareSchedule } from '../../shared/contracts/share-schedule.ts';
import { staticShares } from '../../shared/contracts/static-shares.ts';
import type { PlanBody } from '../../shared/contracts/plan.ts';
import { meterIntervalS, type Region, type RegionSubstation } from '../../shared/contracts/region.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { bad, LoadstoneError, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import type { EventSaid } from '../../shared/sentences/event-forms.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { isUsableForPlanning } from '../../shared/time/staleness.ts';
import { positionsOf, type Decisions } from './search/decisions.ts';
import type { DispatchOptions } from './problem/problem.ts';
import type { DispatchTasks } from './tasks.ts';
import { basisOf, movedSince, type Basis, type Moved } from './problem/basis.ts';
import { buildProblem, type BuiltProblem } from './problem/build-problem.ts';
import { defaultEnvelope, envelopesOnly } from './envelopes-only.ts';
import type { DeviceSource, EstimateSource, ForecastSource } from './problem/ports.ts';
import { tariffs, type DispatchTariff } from './problem/prices.ts';
import { MonthPeaks } from './problem/month-peaks.ts';
import { narrowed, nowcast, uncontrolledNow, type Seen } from './problem/nowcast.ts';
import { usableValue } from './problem/plan-devices.ts';
import { faultSays, planFault } from './plan-fault.ts';
import { flatShare, shareOut, type Expected, type Share } from './problem/region-share.ts';
import { leadHours, onSteps, TAIL } from './problem/series.ts';
import { steady } from './problem/stand-in.ts';
import { movesToday } from './problem/stepped-devices.ts';
import { DAYLIGHT, seenSky, type Sky } from './problem/sun.ts';
import { clearSky } from '../../shared/grid/clear-sky.ts';

export interface PlannerOptions {
  readonly region: Region;
  readonly clock: Clock;
  /** Plant seconds per machine second, as requested; absent: the clock's own. */
  readonly askedSpeed?: (() => number) | undefined;
  readonly estimates: EstimateSource;
  readonly forecasts: ForecastSource;
  readonly devices: DeviceSource;
  readonly compute: Compute<DispatchTasks>;
  readonly tariff?: DispatchTariff | undefined;
  readonly optimise?: Partial<DispatchOptions> | undefined;
  /** What a gateway's newest schedule allows of the share that is asked for it; absent: all of it. */
  readonly granted?: ((gateway: string, asked: ShareSchedule) => Promise<ShareSchedule>) | undefined;
  /** Every job node ended with a substation's plan (the fault), or a solver answered (null). */
  readonly onGivenUp?: ((substation: string, why: Fault | null) => void) | undefined;
  /** Steps of the horizon by the speed of plant time; default: `horizonAt`. */
  readonly stepsS?: ((speed: number) => readonly number[]) | undefined;
}

type GridLimit = NonNullable<SettingsBody['gridLimit']> & { readonly schedule: ShareSchedule };

export interface Planned {
  readonly body: PlanBody;
  /** Why the plan has only envelopes, or which limit it could not keep. */
  readonly fault: EventSaid | undefined;
  /** This substation's share of the region's limit, magnitudes. */
  readonly gridLimit: GridLimit;
  /** What the plan rests on; undefined if it has only envelopes or the solver aborted. */
  readonly basis: Basis | undefined;
}

const steps = (...parts: readonly (readonly [count: number, seconds: number])[]): number[] =>
  parts.flatMap(([count, seconds]) => Array.from({ length: count }, () => seconds));

/**
 * In real time 5 min steps for an hour, 15 min for a day, then hours. Fewer and longer steps where plant time runs faster or stands still,
 * as only simulations do. 36 h, so that a plan made after noon sees all of tomorrow, and a forecast of 48 h covers the horizon for half a
 * day.
 */
export const horizonAt = (speed: number): readonly number[] =>
  speed > 0 && speed <= 1 ? steps([12, 300], [92, 900], [12, 3600]) : steps([4, 900], [8, 1800], [31, 3600]);

/** Effort per plan of a running system; commands and benches spend more. */
export const RUNNING: Partial<DispatchOptions> = { maxRounds: 10, maxInner: 4, tolerance: 1e-3, maxIterations: 7000 };
/** How far a minute may differ from its step's mean, as a share of the transformer's rating. */
const BAND_SHARE = 0.05;
const GRID_LIMIT_S = 3600;
/** Characters of the ids in a plan. */
const MOST_ID = 64;
/** Characters of a substation's id in those of its plans. Names differ at their end. */
const OWN_ID = 50;

interface Horizon {
  readonly now: number;
  readonly start: number;
  readonly stepsS: readonly number[];
}

/** A moment at which substations are examined together. */
export interface Round extends Horizon {
  /** A substation's share of the region's limit. */
  share(substation: string): Share;
}

interface Posed extends Pick<Planned, 'basis'> {
  readonly built: Outcome<BuiltProblem>;
}

/** Makes the plan of one substation from what is known now. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #skies = new Map<string, { readonly sky: Sky; readonly at: number }>();
  /** Decisions of the previous plan, by substation; the next search starts there. */
  readonly #earlier = new Map<string, Decisions>();
  readonly #statics: ReadonlyMap<string, ShareKw>;
  readonly #peaks: MonthPeaks;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#statics = staticShares(options.region);
    this.#peaks = new MonthPeaks(new LocalCalendar(options.region.timezone), options.devices);
  }

  /** A substation's share of the region's limit: the least of the first hour, and its schedule. */
  gridLimit(substation: string, round = this.round()): GridLimit {
    return gridLimitOf(round.share(substation), round, this.#statics.get(substation)!);
  }

  /** The most that a substation draws and feeds in now, as far as known. */
  takes(substation: string, round: Round): ShareKw {
    const { net } = round.share(substation);
    return { importKw: Math.max(0, net?.high[0] ?? 0), exportKw: Math.max(0, -(net?.low[0] ?? 0)) };
  }

  async plan(substation: RegionSubstation, trigger: string): Promise<Planned> {
    const { clock, compute } = this.#options;
    const round = this.round();
    const { now, start, stepsS } = round;
    const gridLimit = this.gridLimit(substation.id, round);
    const { built, basis } = await this.#pose(substation, round);
    const id = `pl-${substation.id.slice(-OWN_ID)}-${now.toString(36)}`;
    if (!built.ok)
      return {
        body: envelopesOnly(substation, { id, trigger, start, stepsS, why: built.fault.detail }),
        fault: faultSays(substation.name, built.fault),
        gridLimit,
        basis: undefined,
      };
    const began = clock.machine.elapsed();
    const bandKw = BAND_SHARE * (substation.network.transformers[0]?.ratedKva ?? 1000);
    const answer = await compute
      .run('dispatch', {
        problem: built.value.problem,
        earlier: this.#earlier.get(substation.id),
        plan: {
          substation: substation.id,
          substitutions: built.value.substitutions,
          bandKw,
          unmetered: built.value.unmetered,
          fixedKw: built.value.fixedKw,
          defaults: built.value.problem.devices.map(({ id }) => {
            const device = substation.devices.find((one) => one.id === id);
            return device === undefined ? undefined : defaultEnvelope(device);
          }),
        },
      })
      .catch((error: unknown) => {
        // No solver has tried: the plan in force stays.
        if (error instanceof LoadstoneError && error.code === 'LS-NODE-001') throw error;
        if (error instanceof LoadstoneError && error.code === 'LS-NODE-002')
          this.#options.onGivenUp?.(substation.id, { code: error.code, detail: error.message });
        return bad('LS-OPT-002', messageOf(error));
      });
    if (!answer.ok)
      return {
        body: envelopesOnly(substation, { id, trigger, start, stepsS, why: answer.fault.detail }),
        fault: faultSays(substation.name, answer.fault),
        gridLimit,
        basis: undefined,
      };
    this.#options.onGivenUp?.(substation.id, null);
    this.#earlier.set(substation.id, answer.value.decisions);
    const { forecastId } = built.value;
    const body: PlanBody = {
      id,
      trigger,
      ...answer.value.content,
      solveMs: Math.round(clock.machine.elapsed() - began),
      // The id of a forecast has that of its target in it, and only traces look for it.
      ...(forecastId === undefined || forecastId.length > MOST_ID ? {} : { forecastId }),
    };
    const aborted = answer.value.fault;
    const fault = planFault(body, substation.name) ?? (aborted && faultSays(substation.name, aborted));
    const planned = positionsOf(answer.value.decisions);
    // Without a basis, a search that was cut short is repeated at the next look.
    return { body, fault, gridLimit, basis: aborted === undefined ? basis && { ...basis, planned } : undefined };
  }

  /** What has moved since the plan was made; `inputs` too if the state of the network is unknown. */
  async look(
    substation: RegionSubstation,
    { plan, basis }: { readonly plan: PlanBody; readonly basis: Basis },
    round = this.round(),
  ): Promise<Moved | undefined> {
    const { basis: here } = await this.#pose(substation, round);
    return here === undefined ? 'inputs' : movedSince(basis, plan, here, round.now);
  }

  #basisOf({ id, network }: RegionSubstation, built: BuiltProblem): Basis {
    const targets = [`substation:${id}`, ...network.feeders.map((feeder) => `feeder:${feeder.id}`)];
    return basisOf(
      built,
      targets.map((target) => this.#options.forecasts.newest(target)),
    );
  }

  /** Poses the problem of a substation in a round. */
  async #pose(substation: RegionSubstation, round: Round): Promise<Posed> {
    const { estimates, forecasts, devices, region, granted } = this.#options;
    const { now, start, stepsS } = round;
    this.#seeSky(substation, now);
    const moves = await movesToday(substation, devices, now);
    const tariff = this.#options.tariff ?? tariffs[region.profile];
    const capacity = await this.#peaks.tariff(substation, tariff, round);
    const asked = this.gridLimit(substation.id, round).schedule;
    const { importKw, exportKw } = granted === undefined ? asked : await granted(substation.gateway, asked);
    const built = buildProblem({
      substation,
      tariff,
      curtailment: region.curtailment,
      capacity,
      now,
      speed: this.#speed(),
      start,
      stepsS,
      estimate: estimates.state(substation.id),
      forecast: (target) => forecasts.newest(target),
      live: (device, metric) => devices.latest(substation.gateway, device, metric),
      link: (device) => devices.link(substation.gateway, device),
      held: (device) => devices.held?.(substation.gateway, device),
      sessions: (device) => devices.sessions(substation.gateway, device),
      sky: (device) => this.#skies.get(`${substation.id} ${device}`)?.sky,
      movesToday: moves,
      share: { ...round.share(substation.id), importKw, exportKw },
      options: { ...RUNNING, ...this.#options.optimise },
    });
    const basis = built.ok ? this.#basisOf(substation, built.value) : undefined;
    return { built, basis };
  }

  /** Keeps the sky of the last minutes while the sun shows it, for the night and for plants without a reading. */
  #seeSky(substation: RegionSubstation, now: number): void {
    const clear = clearSky(substation, now);
    if (clear < DAYLIGHT) return;
    for (const device of substation.devices) {
      if (device.type !== 'pv-inverter' || device.activePowerKw === undefined) continue;
      const available = this.#usable(substation, device.id, 'availableKw', now);
      if (available === undefined) continue;
      const key = `${substation.id} ${device.id}`;
      const before = this.#skies.get(key);
      const sky = seenSky(before?.sky, available / (device.activePowerKw * clear), now - (before?.at ?? now));
      this.#skies.set(key, { sky, at: now });
    }
  }

  /** The region at this moment; its shares are computed once, at first use. */
  round(): Round {
    const { clock } = this.#options;
    const now = Math.round(clock.plant.now());
    const stepsS = (this.#options.stepsS ?? horizonAt)(clock.speed());
    const horizon = { now, stepsS, start: now - (now % (stepsS[0]! * 1000)) };
    let shares: ReadonlyMap<string, Share> | undefined;
    return { ...horizon, share: (id) => (shares ??= this.#shares(horizon)).get(id)! };
  }

  /**
   * Each substation's share of the region's limit, from the forecasts of all. The present value replaces a missing forecast; a substation
   * of which nothing is known keeps its static share.
   */
  #shares(horizon: Horizon): ReadonlyMap<string, Share> {
    const { region, forecasts } = this.#options;
    const leadH = leadHours(horizon.start, horizon.stepsS, horizon.now, 1);
    const expected: Expected[] = [];
    const fixed = new Map<string, Share>();
    const left = { ...region.limits };
    let errorKw = 0;
    let isForecast = true;
    for (const one of region.substations) {
      const seen = this.#seen(one, horizon.now);
      const forecast = forecasts.newest(`substation:${one.id}`);
      const own = forecast === undefined ? undefined : onSteps(forecast, horizon, TAIL);
      isForecast &&= own !== undefined;
      const net = own ?? (seen && steady(one.network, seen.kw, horizon.stepsS.length));
      if (net === undefined) {
        const { importKw, exportKw } = this.#statics.get(one.id)!;
        fixed.set(one.id, flatShare({ importKw, exportKw }, horizon.stepsS.length));
        left.importKw -= importKw;
        left.exportKw -= exportKw;
        continue;
      }
      errorKw = Math.hypot(errorKw, seen?.errorKw ?? Infinity);
      expected.push({
        substation: one.id,
        net: seen === undefined ? net : nowcast(net, seen, leadH),
        weight: one.network.transformers[0]?.ratedKva ?? 1,
      });
    }
    const whole = isForecast ? forecasts.newest(`region:${region.id}`) : undefined;
    const joint = whole === undefined ? undefined : onSteps(whole, horizon, TAIL);
    return new Map([...fixed, ...shareOut(left, expected, joint && narrowed(joint, errorKw, leadH))]);
  }

  /** The uncontrolled load of a substation now; undefined if unknown. */
  #seen(substation: RegionSubstation, now: number): Seen | undefined {
    const estimate = this.#options.estimates.state(substation.id);
    if (estimate === undefined || !estimate.converged) return undefined;
    if (!isUsableForPlanning(now - estimate.time, { intervalS: estimate.everyS, speed: this.#speed() }))
      return undefined;
    return uncontrolledNow(substation, estimate, (device, metric) => this.#usable(substation, device, metric, now));
  }

  #speed(): number {
    const { clock, askedSpeed } = this.#options;
    return askedSpeed?.() ?? clock.speed();
  }

  #usable(substation: RegionSubstation, device: string, metric: string, now: number): number | undefined {
    const source = { intervalS: meterIntervalS(substation, device), speed: this.#speed() };
    return usableValue(this.#options.devices.latest(substation.gateway, device, metric), now, source);
  }
}

/** The least of the first hour, and the schedule that also holds without the cloud. */
function gridLimitOf({ importKw, exportKw }: Share, { start, stepsS }: Horizon, after: ShareKw): GridLimit {
  let count = 0;
  for (let seconds = 0; count < stepsS.length && seconds < GRID_LIMIT_S; count++) seconds += stepsS[count]!;
  const [up, down] = [importKw.map(Math.floor), exportKw.map(Math.floor)];
  return {
    importKw: Math.min(...up.slice(0, count)),
    exportKw: Math.min(...down.slice(0, count)),
    schedule: { start, stepsS: [...stepsS], importKw: up, exportKw: down, after },
  };
}
