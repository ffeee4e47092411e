import type { RegionDevice } from '../../../shared/contracts/region.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import type { EvDevice, EvSession, Uninterrupted } from './problem.ts';
import { floorKwh, hoursOf } from './session-flow.ts';
import { stepTimes } from './series.ts';

/** What is known of a charging site now. */
export interface EvInputs {
  readonly device: RegionDevice;
  readonly now: number;
  readonly start: number;
  readonly stepsS: readonly number[];
  /** Its sessions one by one; undefined if unknown. */
  readonly sessions: readonly ChargingSession[] | undefined;
  /** Of all sessions together: what they would draw now, kW, what they want, kWh, and the first departure, ms UTC. */
  readonly wishedKw: number | undefined;
  readonly dueKwh: number | undefined;
  readonly deadline: number | undefined;
  readonly unservedEurPerKwh: number;
}

/** Price of delayed EV energy, as a share of its contract's price. */
const DELAY_SHARE = 0.02;
const HOUR_MS = 3_600_000;
const EPSILON_KWH = 1e-6;
/** A session without a departure is assumed to leave after this time. */
const UNTOLD_MS = 12 * HOUR_MS;
/** Longest step that counts as short. */
const SHORT_MS = 900_000;
/** The least of a session that must not pause and states none: 6 A on one phase (IEC 61851-1), kW. */
const LEAST_KW = 1.4;

/**
 * The present sessions over the horizon: unhindered, each takes what it can until it has its energy, the first to leave first if the site's
 * rating is too small for all.
 */
export function evDevice(inputs: EvInputs): EvDevice {
  const { device, now, start, stepsS, unservedEurPerKwh } = inputs;
  const rated = device.activePowerKw ?? 0;
  const sessions = inputs.sessions?.filter((one) => (one.departure ?? Infinity) > now) ?? together(inputs);
  const times = stepTimes(start, stepsS);
  const elapsedS = Math.min(stepsS[0]!, Math.max(0, (now - start) / 1000));
  const spans = times.map((time, step) => ({
    start: time + (step === 0 ? elapsedS * 1000 : 0),
    end: time + stepsS[step]! * 1000,
  }));
  const hours = spans.map(({ start, end }) => (end - start) / HOUR_MS);
  const floorKw = Math.min(rated, device.floorKw ?? 0);
  const behind = sessions
    .map((one) => overSteps(one, spans, floorKw))
    .filter(({ energyKwh, maxKw }) => energyKwh > 0 && maxKw > 0)
    .toSorted((a, b) => (a.departure ?? Infinity) - (b.departure ?? Infinity));
  const most = inputs.sessions === undefined ? Math.min(rated, Math.max(0, inputs.wishedKw ?? 0)) : rated;
  const { wishedKw, minKw } = unhindered(behind, { hours, siteKw: most });
  return {
    kind: 'ev',
    id: device.id,
    bus: device.bus,
    wishedKw,
    // The connection point keeps its floor as far as requested, however few chargers are in use.
    minKw: wishedKw.map((kw, step) => Math.min(kw, Math.max(minKw[step]!, floorKw))),
    maxKw: hours.map((_, step) =>
      Math.min(
        most,
        behind.reduce((sum, one) => sum + (one.lastStep >= step ? one.maxKw : 0), 0),
      ),
    ),
    floorKw,
    ratedKw: rated,
    sessions: behind,
    elapsedS,
    unservedEurPerKwh,
    delayEurPerKwh: (device.contractEurPerKwh ?? 0.15) * DELAY_SHARE,
  };
}

/**
 * The site once the steps are chosen in which its sessions charge that must not pause, as `sessions` state them: these get their floors, and
 * nothing outside of their steps. `hours`: what is left of each step.
 */
export function withChosenSteps(device: EvDevice, sessions: readonly EvSession[], hours: Float64Array): EvDevice {
  const siteKw = device.ratedKw ?? Infinity;
  // The others' floors are those of before.
  const others = device.sessions.map((one) => (one.uninterrupted === undefined ? one : { ...one, minKw: 0 }));
  const { minKw } = unhindered(others, { hours: [...hours], siteKw });
  const meanKw = (kwh: number, step: number): number => (hours[step]! > 0 ? kwh / hours[step]! : 0);
  const mostKw = device.maxKw.map((kw, step) =>
    Math.min(
      kw,
      sessions.reduce((sum, one) => sum + (hoursOf(one, hours, step) > 0 ? one.maxKw : 0), 0),
    ),
  );
  return {
    ...device,
    sessions,
    maxKw: mostKw,
    minKw: device.minKw.map((kw, step) => {
      const floors = sessions.reduce((sum, one) => sum + floorKwh(one, hours, step), 0);
      return Math.min(mostKw[step]!, Math.max(kw, minKw[step]! + meanKw(floors, step)));
    }),
  };
}

/** Substitutes for sessions that are known only as a whole: until the first departure they take what they wish, the rest has time. */
function together({ device, now, wishedKw, dueKwh, deadline }: EvInputs): ChargingSession[] {
  const maxKw = Math.max(0, wishedKw ?? 0);
  const minKw = Math.min(maxKw, device.floorKw ?? 0);
  const first =
    dueKwh === undefined || deadline === undefined || deadline <= now ? 0 : ((deadline - now) / HOUR_MS) * maxKw;
  const until = Math.min(first, dueKwh ?? 0);
  const rest = { id: device.id, maxKw, ...(dueKwh === undefined ? {} : { energyDueKwh: dueKwh - until }) };
  if (until <= 0) return [{ ...rest, minKw }];
  return [
    { id: device.id, energyDueKwh: until, departure: deadline!, maxKw, minKw },
    { ...rest, minKw: 0 },
  ];
}

interface Span {
  /** Of each step, ms UTC, without the elapsed part of the first. */
  readonly start: number;
  readonly end: number;
}

/**
 * Steps until a session leaves. Its energy is due before the step in which it leaves; if that step is long, `SHORT_MS` before the
 * departure, because short steps will replace the long one by then. If that is too little time, the rest comes in the part of the step
 * before the departure, at a power as if the session stayed to its end. A session that leaves after the horizon has until its end.
 */
function overSteps(session: ChargingSession, spans: readonly Span[], siteFloorKw: number): EvSession {
  const { id, energyDueKwh, departure: stated, maxKw } = session;
  const energyKwh = energyDueKwh ?? Infinity;
  // A session with neither departure nor known need may stay for the whole plan.
  const departure = stated ?? (energyDueKwh === undefined ? Infinity : spans[0]!.start + UNTOLD_MS);
  const uninterrupted = uninterruptedOf(session, siteFloorKw);
  const minKw = uninterrupted?.charging === false ? 0 : Math.min(session.minKw, maxKw);
  const common = { id, energyKwh, maxKw, minKw, ...(uninterrupted === undefined ? {} : { uninterrupted }) };
  const words = stated === undefined ? {} : { departure };
  const leaves = spans.findIndex(({ end }) => end > departure);
  if (leaves < 0) {
    const atEnd = departure === spans.at(-1)!.end ? words : {};
    return { ...common, lastStep: spans.length - 1, ...atEnd };
  }
  const { start, end } = spans[leaves]!;
  const shareUntil = (time: number): number => Math.max(0, time - start) / (end - start);
  const share = shareUntil(departure);
  const earlier = end - start > SHORT_MS ? shareUntil(departure - SHORT_MS) : 0;
  const whole = spans.slice(0, leaves).reduce((sum, span) => sum + (maxKw * (span.end - span.start)) / HOUR_MS, 0);
  const within = (maxKw * (end - start)) / HOUR_MS;
  const rest = Math.min(energyKwh - whole, within * share);
  if (Number.isFinite(energyKwh) && rest > within * earlier)
    return { ...common, energyKwh: energyKwh - rest + rest / share, lastStep: leaves, ...words };
  return earlier > 0
    ? { ...common, lastStep: leaves, lastShare: earlier, ...words }
    : { ...common, lastStep: leaves - 1, ...words };
}

/** How a session charges that must not pause; undefined if it may, or if nothing is known to be due to one that does not charge. */
function uninterruptedOf(
  { uninterrupted = false, charging = true, energyDueKwh, minKw, maxKw }: ChargingSession,
  siteFloorKw: number,
): Uninterrupted | undefined {
  if (!uninterrupted || (!charging && energyDueKwh === undefined)) return undefined;
  // Limits are sent in tenths, and must not come to lie below it.
  const kw = Math.min(maxKw, Math.ceil((minKw > 0 ? minKw : LEAST_KW) * 10 - 1e-9) / 10);
  // It does not wait if the floor of its connection point lets it begin.
  return { kw, charging: charging || siteFloorKw >= kw };
}

/** Power of the site per step if only its rating limited it, and the floors of the sessions that charge in it. */
function unhindered(
  sessions: readonly EvSession[],
  { hours, siteKw }: { readonly hours: readonly number[]; readonly siteKw: number },
): { readonly wishedKw: number[]; readonly minKw: number[] } {
  const left = sessions.map(({ energyKwh }) => energyKwh);
  const [wishedKw, minKw]: [number[], number[]] = [[], []];
  for (const [step, span] of hours.entries()) {
    let [room, floor] = [siteKw, 0];
    for (const [at, session] of sessions.entries()) {
      const there = hoursOf(session, hours, step);
      if (there <= 0 || left[at]! <= EPSILON_KWH) continue;
      const kw = Math.min(room, (session.maxKw * there) / span, left[at]! / span);
      left[at]! -= kw * span;
      room -= kw;
      floor += Math.min(kw, session.minKw);
    }
    wishedKw.push(siteKw - room);
    minKw.push(floor);
  }
  return { wishedKw, minKw };
}
