import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Setpoint, SetpointKey } from '../../control/setpoint.ts';
import type { RegisterImage } from '../modbus/blocks.ts';
import type { Reading, RegisterWrite, Setting } from '../modbus/profile.ts';
import {
  controls,
  derControls,
  SET_IN_VARS,
  SET_IN_WATTS,
  storage,
  STORAGE_BOTH_RATES,
  VAR_MODE,
  type Point,
} from './models.ts';
import type { Toward } from '../rounding.ts';
import { joined, putOf, resolution, valueOf, type FoundModel } from './points.ts';

export interface Control {
  readonly models: readonly FoundModel[];
  /** What the device's percentages refer to, W and var. */
  readonly wattsMax: number | undefined;
  readonly varsMax: number | undefined;
  /** What it reverts to, if that can be set; in its own sign, kW and kvar. */
  readonly revertTo: Setpoint;
}

/** A value at a point; the order of a list is the order on the wire. */
type Put = readonly [point: Point, value: number, toward?: Toward];

const ON = 1;
const HUNDRED = 100;

/** The writes of a setpoint on a SunSpec device: value and reversion timer first, the switch last. */
export function controlWrites(control: Control, setting: Setting, image: RegisterImage): Outcome<RegisterWrite[]> {
  const plan = planOf(control, setting, image);
  if (plan === undefined) return bad('LS-DEVICE-004', `no model of the device accepts ${setting.key}`);
  const { model, puts } = plan;
  const writes = puts.map(([point, value, toward]) =>
    // Optional points that the device lacks, such as a mode or a reversion value, are left out. Those in `needed` must exist.
    valueOf(model, image, point) === undefined
      ? null
      : putOf(model, image, point, { value, ...(toward === undefined ? {} : { toward }) }),
  );
  const [main] = plan.needed;
  const lacking = plan.needed.some((point) => valueOf(model, image, point) === undefined);
  if (lacking || main === undefined)
    return bad('LS-DEVICE-004', `model ${model.id} of the device lacks ${setting.key}`);
  if (writes.includes(undefined)) return bad('LS-DEVICE-004', `${setting.key} ${setting.value} does not fit`);
  return good(joined(writes.filter((write) => write !== null && write !== undefined)));
}

interface Plan {
  readonly model: FoundModel;
  readonly needed: readonly Point[];
  readonly puts: readonly Put[];
}

function planOf(control: Control, setting: Setting, image: RegisterImage): Plan | undefined {
  const modern = control.models.find(({ id }) => id === 704);
  const immediate = control.models.find(({ id }) => id === 123);
  const store = control.models.find(({ id }) => id === 124);
  const has = (model: FoundModel | undefined, point: Point): model is FoundModel =>
    model !== undefined && valueOf(model, image, point) !== undefined;
  switch (setting.key) {
    case 'activePowerLimitKw': {
      if (control.wattsMax === undefined) return undefined;
      const pct = (kw: number): number => Math.min(HUNDRED, Math.max(0, (kw * 1000 * HUNDRED) / control.wattsMax!));
      if (has(modern, derControls.limitPct)) return modernLimit(modern, pct, { control, setting });
      return has(immediate, controls.limitPct) ? immediateLimit(immediate, pct, setting) : undefined;
    }
    case 'activePowerKw':
      if (has(modern, derControls.set)) return modernSet(modern, { control, setting });
      return has(store, storage.chargeWatts) ? storageRate(store, setting, image) : undefined;
    case 'reactivePowerKvar':
      if (has(modern, derControls.varSet)) return modernVars(modern, { control, setting });
      return immediate === undefined ? undefined : immediateVars(immediate, { control, setting }, image);
    case 'voltageTargetPu':
    case 'capacitorStep':
      return undefined;
  }
}

interface Both {
  readonly control: Control;
  readonly setting: Setting;
}

function modernLimit(model: FoundModel, pct: (kw: number) => number, { control, setting }: Both): Plan {
  const c = derControls;
  const fallback = control.revertTo.activePowerLimitKw;
  return {
    model,
    needed: [c.limitPct, c.limitEnabled, c.limitRevertS],
    puts: [
      [c.limitPct, pct(setting.value), 'zero'],
      ...(fallback === undefined ? [] : [[c.limitPctRevert, pct(fallback), 'zero'] as const]),
      [c.limitRevertEnabled, fallback === undefined ? 0 : ON],
      [c.limitRevertS, setting.revertAfterS],
      [c.limitEnabled, ON],
    ],
  };
}

function immediateLimit(model: FoundModel, pct: (kw: number) => number, { value, revertAfterS }: Setting): Plan {
  const c = controls;
  return {
    model,
    needed: [c.limitPct, c.limitEnabled, c.limitRevertS],
    puts: [
      [c.limitPct, pct(value), 'zero'],
      [c.limitRevertS, revertAfterS],
      [c.limitEnabled, ON],
    ],
  };
}

function modernSet(model: FoundModel, { control, setting }: Both): Plan {
  const c = derControls;
  return {
    model,
    needed: [c.set, c.setEnabled, c.setRevertS],
    puts: [
      [c.setMode, SET_IN_WATTS],
      [c.set, setting.value * 1000, setting.toward],
      [c.setRevert, (control.revertTo.activePowerKw ?? 0) * 1000],
      [c.setRevertEnabled, ON],
      [c.setRevertS, setting.revertAfterS],
      [c.setEnabled, ON],
    ],
  };
}

/** Both rates are set to the wanted power, so that the battery has no choice: discharge is positive, charge its negative. */
function storageRate(
  model: FoundModel,
  { value, revertAfterS, toward }: Setting,
  image: RegisterImage,
): Plan | undefined {
  const c = storage;
  const most = valueOf(model, image, c.chargeWatts);
  if (most === undefined || most <= 0) return undefined;
  const pct = (value * 1000 * HUNDRED) / most;
  return {
    model,
    needed: [c.dischargeRatePct, c.chargeRatePct, c.revertS],
    puts: [
      [c.revertS, revertAfterS],
      [c.dischargeRatePct, pct, toward],
      [c.chargeRatePct, -pct, toward],
      [c.mode, STORAGE_BOTH_RATES],
    ],
  };
}

function modernVars(model: FoundModel, { control, setting }: Both): Plan {
  const c = derControls;
  return {
    model,
    needed: [c.varSet, c.varEnabled, c.varRevertS],
    puts: [
      [c.varMode, SET_IN_VARS],
      [c.varSet, setting.value * 1000],
      [c.varSetRevert, (control.revertTo.reactivePowerKvar ?? 0) * 1000],
      [c.varRevertEnabled, ON],
      [c.varRevertS, setting.revertAfterS],
      [c.varEnabled, ON],
    ],
  };
}

function immediateVars(model: FoundModel, { control, setting }: Both, image: RegisterImage): Plan | undefined {
  const c = controls;
  const byVars = valueOf(model, image, c.varPctOfVars) !== undefined && control.varsMax !== undefined;
  const base = byVars ? control.varsMax : control.wattsMax;
  if (base === undefined || base === 0) return undefined;
  const point = byVars ? c.varPctOfVars : c.varPctOfWatts;
  return {
    model,
    needed: [point, c.varEnabled, c.varRevertS],
    puts: [
      [point, (setting.value * 1000 * HUNDRED) / base],
      [c.varRevertS, setting.revertAfterS],
      [c.varMode, byVars ? VAR_MODE.ofVars : VAR_MODE.ofWatts],
      [c.varEnabled, ON],
    ],
  };
}

/** A larger step is a damaged scale factor. */
const MOST_STEP_PCT = 10;

/** Step of its limit, kW. */
export function limitStepKw({ models, wattsMax = 0 }: Control, image: RegisterImage): number {
  const modern = models.find(({ id }) => id === 704);
  const immediate = models.find(({ id }) => id === 123);
  const [model, { limitPct }] = modern !== undefined ? [modern, derControls] : [immediate, controls];
  const pct = model === undefined ? 0 : resolution(model, image, limitPct);
  return pct > MOST_STEP_PCT ? 0 : ((pct / HUNDRED) * wattsMax) / 1000;
}

/** The device's settings, to compare with its setpoint. `measured`: its present power. */
export function readback(
  control: Control,
  { keys, measured }: { readonly keys: ReadonlySet<SetpointKey>; readonly measured: readonly Reading[] },
  image: RegisterImage,
): Reading[] {
  const modern = control.models.find(({ id }) => id === 704);
  const immediate = control.models.find(({ id }) => id === 123);
  const store = control.models.find(({ id }) => id === 124);
  const readings: Reading[] = [];
  if (keys.has('activePowerLimitKw') && control.wattsMax !== undefined) {
    const [model, points] = modern !== undefined ? [modern, derControls] : [immediate, controls];
    if (model !== undefined) {
      const enabled = valueOf(model, image, points.limitEnabled) === ON;
      const pct = enabled ? valueOf(model, image, points.limitPct) : HUNDRED;
      readings.push(['activePowerLimitKw', pct === undefined ? undefined : (pct * control.wattsMax) / HUNDRED / 1000]);
    }
  }
  if (keys.has('activePowerKw')) {
    if (modern !== undefined && valueOf(modern, image, derControls.setEnabled) === ON)
      readings.push(['activePowerSetpointKw', kilo(valueOf(modern, image, derControls.set))]);
    else if (store !== undefined && valueOf(store, image, storage.mode) === STORAGE_BOTH_RATES) {
      const pct = valueOf(store, image, storage.dischargeRatePct);
      const most = valueOf(store, image, storage.chargeWatts);
      const watts = pct === undefined || most === undefined ? undefined : (pct * most) / HUNDRED;
      readings.push(['activePowerSetpointKw', kilo(watts)]);
    }
  }
  if (keys.has('reactivePowerKvar')) {
    const kvar =
      modern !== undefined && valueOf(modern, image, derControls.varEnabled) !== undefined
        ? modernKvar(modern, image)
        : immediate === undefined
          ? undefined
          : immediateKvar(immediate, { control, measured }, image);
    readings.push(['reactivePowerSetpointKvar', kvar]);
  }
  return readings;
}

/** A setpoint that is switched off counts as 0 kvar. */
const modernKvar = (model: FoundModel, image: RegisterImage): number | undefined =>
  valueOf(model, image, derControls.varEnabled) === ON ? kilo(valueOf(model, image, derControls.varSet)) : 0;

/** With a power factor switched on, the inverter holds that instead of reactive power; the result is what it makes of the present power. */
function immediateKvar(
  model: FoundModel,
  { control, measured }: { readonly control: Control; readonly measured: readonly Reading[] },
  image: RegisterImage,
): number | undefined {
  const c = controls;
  if (valueOf(model, image, c.powerFactorEnabled) === ON)
    return kvarOfPowerFactor(valueOf(model, image, c.powerFactor), measured);
  const enabled = valueOf(model, image, c.varEnabled);
  if (enabled !== ON) return enabled === undefined ? undefined : 0;
  const mode = valueOf(model, image, c.varMode);
  const share = (point: Point, base: number | undefined): number | undefined => {
    const pct = valueOf(model, image, point);
    return pct === undefined || base === undefined ? undefined : (pct * base) / HUNDRED / 1000;
  };
  if (mode === VAR_MODE.ofWatts) return share(c.varPctOfWatts, control.wattsMax);
  return mode === VAR_MODE.ofVars ? share(c.varPctOfVars, control.varsMax) : undefined;
}

/** Manufacturers disagree on the sign of a power factor, so the sign is taken from the measured vars. */
function kvarOfPowerFactor(factor: number | undefined, measured: readonly Reading[]): number | undefined {
  const value = (name: Reading[0]): number | undefined => measured.find(([metric]) => metric === name)?.[1];
  const [kw, kvar] = [value('activePowerKw'), value('reactivePowerKvar')];
  if (factor === undefined || kw === undefined || kvar === undefined) return undefined;
  const cosine = Math.abs(factor);
  if (cosine === 0 || cosine > 1) return undefined;
  return Math.sign(kvar) * Math.abs(kw) * Math.tan(Math.acos(cosine)) || 0;
}

const kilo = (units: number | undefined): number | undefined => (units === undefined ? undefined : units / 1000);
