import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import type { Part } from '../../../shared/sentences/said.ts';
import {
  meterIntervalS,
  type CurtailmentRule,
  type RegionDevice,
  type RegionSubstation,
} from '../../../shared/contracts/region.ts';
import type { Sample } from '../../../shared/contracts/sample.ts';
import { SESSIONS_INTERVAL_S } from '../../../shared/contracts/sessions.ts';
import { clearSky, isDay } from '../../../shared/grid/clear-sky.ts';
import { isUsableForPlanning, type Source } from '../../../shared/time/staleness.ts';
import type { DispatchDevice, EvDevice } from './problem.ts';
import { batteryDevice, heldBattery } from './battery-device.ts';
import { evDevice } from './ev-device.ts';
import { heldSteps, type Held } from './held.ts';
import type { SessionsNow } from './ports.ts';
import type { DispatchTariff } from './prices.ts';
import { stepTimes } from './series.ts';
import { capacitorDevice, tapDevice } from './stepped-devices.ts';
import { DAYLIGHT, sunAhead, type Sky, type Sun } from './sun.ts';

export interface DeviceInputs {
  readonly substation: RegionSubstation;
  readonly tariff: DispatchTariff;
  /** Default fair. */
  readonly curtailment?: CurtailmentRule | undefined;
  readonly now: number;
  /** Plant seconds per machine second, as requested. */
  readonly speed: number;
  readonly start: number;
  readonly stepsS: readonly number[];
  /** Voltage behind an ideal source, per unit of nominal, and the present tap position. */
  readonly sourcePu: number;
  readonly tapPosition: number;
  /** Moves of tap changers and capacitor banks since the day began; undefined if unknown. */
  readonly movesToday: ReadonlyMap<string, number | undefined>;
  live(device: string, metric: string): Sample | undefined;
  link(device: string): 'up' | 'stale' | 'never' | undefined;
  /** A person's control over the device; undefined: it is left to the plan. */
  held?(device: string): Held | undefined;
  /** The sessions at a site and when they were reported; undefined: never reported. */
  sessions(device: string): SessionsNow | undefined;
  /** The sky over a plant as last seen by daylight. */
  sky(device: string): Sky | undefined;
}

/** The devices in the plan, those that stay in the network at their fallback, and what replaces missing data. */
export interface DeviceModels {
  readonly devices: readonly DispatchDevice[];
  /** Devices that are not planned. */
  readonly fixed: readonly FixedDevice[];
  /**
   * Power of the plants of a feeder, or at the busbar by the substation's id, kW per step, negative: of all devices only they are part of
   * the uncontrolled load.
   */
  readonly sunKw: ReadonlyMap<string, number[]>;
  readonly substitutions: readonly Part[];
  /** Devices whose state is unknown; the plan does not count on them. */
  readonly missing: readonly string[];
}

/** A device that is in the network but not in the plan, kW per step. */
export interface FixedDevice {
  readonly device: string;
  readonly bus: string;
  readonly feeder: string;
  /** Load convention. */
  readonly activePowerKw: readonly number[];
  /** The part that is outside the uncontrolled load: all of it, but of the sun only what the device's safe default cuts off. */
  readonly besidesLoadKw: readonly number[];
}

const PAYBACK_S = 12 * 3600;

export function deviceModels(inputs: DeviceInputs): DeviceModels {
  const devices: DispatchDevice[] = [];
  const fixed: DeviceModels['fixed'][number][] = [];
  const sunKw = new Map<string, number[]>();
  const substitutions: Part[] = [];
  const missing: string[] = [];
  for (const device of inputs.substation.devices) {
    const planned = device.authority === 'direct' || device.authority === 'limit';
    const lost = inputs.link(device.id) === 'stale' || inputs.link(device.id) === 'never';
    const model = planned && !lost ? modelOf(inputs, device, substitutions) : undefined;
    if (model !== undefined) {
      devices.push(model);
      if (model.kind !== 'flexible') nameHeld(inputs, model, substitutions);
      if (model.kind === 'pv') addSun(sunKw, device.feeder, model.availableKw);
      continue;
    }
    if (device.type === 'meter' || device.type === 'tap-changer') continue;
    const sun =
      device.type === 'pv-inverter'
        ? sunsOf(inputs, device).map(({ mid }) => mid * (device.activePowerKw ?? 0))
        : undefined;
    if (sun !== undefined) addSun(sunKw, device.feeder, sun);
    const free = planned || lost ? undefined : byItself(inputs, device, sun);
    if (free !== undefined) {
      fixed.push(free);
      substitutions.push(
        sayPlan('{device} is not commanded by plans: counted as it runs by itself', { device: device.id }),
      );
      continue;
    }
    missing.push(device.id);
    if (device.type === 'capacitor-bank') {
      substitutions.push(
        sayPlan('{device} is not reached or not known: counted as switched off', { device: device.id }),
      );
      continue;
    }
    fixed.push(
      sun === undefined ? atFallback(device, inputs.stepsS.length) : fedBySun(device, sun, device.safeDefaultKw),
    );
    substitutions.push(fallbackText(device));
  }
  return { devices, fixed, sunKw, substitutions, missing };
}

function addSun(sums: Map<string, number[]>, feeder: string, availableKw: readonly number[]): void {
  const before = sums.get(feeder);
  sums.set(
    feeder,
    availableKw.map((kw, step) => (before?.[step] ?? 0) - kw),
  );
}

/** Steps that begin within this time have the present power of a device that plans do not command. */
const NEAR_S = 3600;

/**
 * A device that answers but is not commanded: a plant feeds in what the sun gives; others stay at their present power, a site after an hour at
 * what its sessions wish, a battery then at rest. Undefined if its power is not known.
 */
function byItself(
  inputs: DeviceInputs,
  device: RegionDevice,
  sunKw: readonly number[] | undefined,
): FixedDevice | undefined {
  const { id, bus, feeder, type } = device;
  if (sunKw !== undefined) return fedBySun(device, sunKw, Infinity);
  const reading = usable(inputs, id, 'activePowerKw');
  if (reading === undefined || type === 'capacitor-bank') return undefined;
  const wishedKw = type === 'ev-site' ? ev(inputs, device, []).wishedKw : [];
  const otherwise = type === 'battery' ? 0 : reading;
  const activePowerKw = stepTimes(inputs.start, inputs.stepsS).map((time, step) =>
    time < inputs.start + NEAR_S * 1000 ? reading : (wishedKw[step] ?? otherwise),
  );
  return { device: id, bus, feeder, activePowerKw, besidesLoadKw: activePowerKw };
}

/** A plant that is not reached is at most at its safe limit; nothing at night, when many inverters are silent. */
function fedBySun({ id, bus, feeder }: RegionDevice, sunKw: readonly number[], mostKw = 0): FixedDevice {
  return {
    device: id,
    bus,
    feeder,
    activePowerKw: sunKw.map((kw) => -Math.min(kw, mostKw)),
    besidesLoadKw: sunKw.map((kw) => Math.max(0, kw - mostKw)),
  };
}

/** Other devices that are not reached: batteries rest, loads take their safe default. */
const fallbackKw = ({ type, safeDefaultKw = 0 }: RegionDevice): number => (type === 'battery' ? 0 : safeDefaultKw);

function atFallback(device: RegionDevice, steps: number): FixedDevice {
  const activePowerKw = Array.from({ length: steps }, () => fallbackKw(device));
  return { device: device.id, bus: device.bus, feeder: device.feeder, activePowerKw, besidesLoadKw: activePowerKw };
}

const fallbackText = (device: RegionDevice): Part =>
  device.type === 'pv-inverter'
    ? sayPlan('{device} is not reached or not known: counted at what the sun gives, at most {value} kW', {
        device: device.id,
        value: device.safeDefaultKw ?? 0,
      })
    : sayPlan('{device} is not reached or not known: counted at its fallback, {value} kW', {
        device: device.id,
        value: fallbackKw(device),
      });

/** A value, as long as a plan may rest on it. */
export const usableValue = (live: Sample | undefined, now: number, source: Source): number | undefined =>
  live === undefined || live.quality === 'bad' || !isUsableForPlanning(now - live.time, source)
    ? undefined
    : live.value;

export const usable = (
  inputs: Pick<DeviceInputs, 'substation' | 'now' | 'speed' | 'live'>,
  device: string,
  metric: string,
): number | undefined =>
  usableValue(inputs.live(device, metric), inputs.now, {
    intervalS: meterIntervalS(inputs.substation, device),
    speed: inputs.speed,
  });

function modelOf(inputs: DeviceInputs, device: RegionDevice, substitutions: Part[]): DispatchDevice | undefined {
  switch (device.type) {
    case 'battery':
      return battery(inputs, device);
    case 'pv-inverter':
      return pv(inputs, device, substitutions);
    case 'ev-site':
      return ev(inputs, device, substitutions);
    case 'flexible-load':
      return flexible(inputs, device, substitutions);
    case 'tap-changer':
      nameUnknownMoves(inputs, device, substitutions);
      return tapDevice(inputs, device);
    case 'capacitor-bank':
      nameUnknownMoves(inputs, device, substitutions);
      return capacitorDevice(inputs, device, usable(inputs, device.id, 'capacitorStep'));
    case 'meter':
      return undefined;
  }
}

function battery(inputs: DeviceInputs, device: RegionDevice): DispatchDevice | undefined {
  const model = batteryDevice(device, usable(inputs, device.id, 'socPct'), inputs.tariff);
  const held = inputs.held?.(device.id);
  if (model === undefined || held === undefined) return model;
  const kw = held.kw ?? usable(inputs, device.id, 'activePowerKw') ?? 0;
  return heldBattery(model, device, { heldKw: heldSteps(held, inputs, kw), stepsS: inputs.stepsS });
}

/** Names the value in the first step if a person controls the device. */
function nameHeld(inputs: DeviceInputs, model: DispatchDevice, substitutions: Part[]): void {
  const kw = 'heldKw' in model ? (model.heldKw?.[0] ?? null) : null;
  if (kw === null) return;
  substitutions.push(
    Number.isFinite(kw)
      ? sayPlan('{device} is held by a person: counted at {value} kW', { device: model.id, value: Math.round(kw) })
      : sayPlan('{device} is held by a person: counted as it runs by itself', { device: model.id }),
  );
}

function nameUnknownMoves({ movesToday }: DeviceInputs, { id }: RegionDevice, substitutions: Part[]): void {
  if (movesToday.get(id) === undefined)
    substitutions.push(
      sayPlan('{device}: how often it moved today is not known; it stays where it is until tomorrow', { device: id }),
    );
}

/** What the sun gives a plant in each step, as shares of its rating. */
function sunsOf(inputs: DeviceInputs, { id }: RegionDevice): Sun[] {
  const sky = inputs.sky(id);
  return stepTimes(inputs.start, inputs.stepsS).map((time, step) =>
    sunAhead(inputs.substation, sky, { time: time + inputs.stepsS[step]! * 500, now: inputs.now }),
  );
}

function pv(inputs: DeviceInputs, device: RegionDevice, substitutions: Part[]): DispatchDevice {
  const rated = device.activePowerKw ?? 0;
  const sky = inputs.sky(device.id);
  if (sky === undefined && clearSky(inputs.substation, inputs.now) > DAYLIGHT)
    substitutions.push(
      sayPlan('{device}: no reading of what the sun gives; between overcast and clear sky', { device: device.id }),
    );
  const suns = sunsOf(inputs, device);
  const times = stepTimes(inputs.start, inputs.stepsS);
  return {
    kind: 'pv',
    id: device.id,
    bus: device.bus,
    customer: device.connectionPoint,
    ...(inputs.curtailment === 'last-in-first-out' ? { connectedOn: device.connectedOn } : {}),
    availableKw: suns.map(({ mid }) => mid * rated),
    availableLowKw: suns.map(({ low }) => low * rated),
    availableHighKw: suns.map(({ high }) => high * rated),
    availableMostKw: times.map((time, step) =>
      isDay(inputs.substation, time, time + inputs.stepsS[step]! * 1000) ? rated : 0,
    ),
    maxReactiveKvar: device.maxReactiveKvar ?? 0,
    apparentPowerKva: device.apparentPowerKva,
    curtailmentEurPerKwh: device.contractEurPerKwh ?? 0.09,
    heldKw: limitHeld(inputs, device, -Infinity),
  };
}

function ev(inputs: DeviceInputs, device: RegionDevice, substitutions: Part[]): EvDevice {
  const wishedKw = usable(inputs, device.id, 'wishedKw') ?? usable(inputs, device.id, 'activePowerKw');
  const known = inputs.sessions(device.id);
  const timing = { intervalS: SESSIONS_INTERVAL_S, speed: inputs.speed };
  const sessions =
    known !== undefined && isUsableForPlanning(inputs.now - known.time, timing) ? known.sessions : undefined;
  if (sessions === undefined && wishedKw === undefined)
    substitutions.push(
      sayPlan('{device}: no reading of what it wishes; counted without sessions, its floor kept', {
        device: device.id,
      }),
    );
  else if (sessions === undefined && wishedKw! > 0)
    substitutions.push(
      sayPlan('{device}: its sessions are not known one by one; counted as one that leaves first', {
        device: device.id,
      }),
    );
  const model = evDevice({
    device,
    now: inputs.now,
    start: inputs.start,
    stepsS: inputs.stepsS,
    sessions,
    wishedKw,
    dueKwh: usable(inputs, device.id, 'energyDueKwh'),
    deadline: usable(inputs, device.id, 'deadlineMs'),
    unservedEurPerKwh: inputs.tariff.unservedEurPerKwh,
  });
  return { ...model, heldKw: limitHeld(inputs, device, Infinity) };
}

function limitHeld(inputs: DeviceInputs, { id }: RegionDevice, none: number): (number | null)[] | undefined {
  const held = inputs.held?.(id);
  return held && heldSteps(held, inputs, held.kw ?? none);
}

function flexible(inputs: DeviceInputs, device: RegionDevice, substitutions: Part[]): DispatchDevice {
  const rated = device.activePowerKw ?? 0;
  const reading = usable(inputs, device.id, 'wishedKw') ?? usable(inputs, device.id, 'activePowerKw');
  if (reading === undefined)
    substitutions.push(sayPlan('{device}: no reading of what it wishes; half its rating taken', { device: device.id }));
  const wished = Math.min(rated, reading ?? rated / 2);
  const least = Math.min(wished, device.floorKw ?? 0);
  const mean = inputs.stepsS.reduce((sum, seconds) => sum + seconds, 0) / inputs.stepsS.length;
  return {
    kind: 'flexible',
    id: device.id,
    bus: device.bus,
    wishedKw: inputs.stepsS.map(() => wished),
    minKw: inputs.stepsS.map(() => least),
    maxKw: inputs.stepsS.map(() => rated),
    paybackSteps: Math.max(1, Math.round(PAYBACK_S / mean)),
    bufferKwh: device.capacityKwh ?? 0,
    shiftEurPerKwh: device.contractEurPerKwh ?? 0.06,
  };
}
