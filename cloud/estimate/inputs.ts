import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { RegionDevice } from '../../shared/contracts/region.ts';
import { clearSky, REFLECTED, TILTED, type SunPlace } from '../../shared/grid/clear-sky.ts';
import type { EstimateModel, ModelDevice, ModelFeeder } from './model.ts';
import { isLiveAt, usable, type Moment, type Readings } from './readings.ts';
import type { EstimatedValue, InputProvenance, MeterFinding } from './state.ts';

/** Input of the estimate. */
export interface EstimateInput extends Moment {
  readonly readings: Readings;
  /** Findings about the meters, from their history and from running readings. */
  readonly findings: readonly MeterFinding[];
  /** For readings that are means: number of values per device's mean. Absent: 1. */
  readonly counts?: ReadonlyMap<string, number>;
  /** Usual flow at the busbar besides the feeders, for a transformer without a usable meter; absent: unknown. */
  readonly busbarRestKw?: { readonly value: number; readonly error: number };
}

/** Active and reactive power of one element, each with its error. */
export interface PowerInput {
  readonly kw: EstimatedValue;
  readonly kvar: EstimatedValue;
  /** The meter behind it; absent: a substitute. */
  readonly metered?: { readonly device: string; readonly time: number; readonly reactive: boolean };
}

export interface EstimateInputs {
  /** Undefined: no usable meter. */
  readonly transformer: PowerInput | undefined;
  readonly heads: readonly PowerInput[];
  /** By feeder, then by device of the feeder. */
  readonly devices: readonly (readonly PowerInput[])[];
  readonly busbarPu: EstimatedValue | undefined;
  readonly tap: EstimatedValue;
  readonly provenance: readonly InputProvenance[];
}

/** Drift of a power after it was read, as a share of its range per square root of an hour, after a grace period. */
const DRIFT = 0.2;
const DRIFT_FREE_S = 1.5;
/** Error of a feeder's load that is known only by its nominal value. */
const PROFILE_ERROR = 0.4;
/** A meter's voltage channel is about twice as good as its power channel. */
export const VOLTAGE_SHARE = 0.5;

/** Chooses an input for each element and records its provenance: a missing value never becomes a zero without an error. */
export function chooseInputs(model: EstimateModel, input: EstimateInput): EstimateInputs {
  const provenance: InputProvenance[] = [];
  const note = (each: InputProvenance): void => void provenance.push(each);
  const devices = model.feeders.map((feeder) =>
    feeder.devices.map((device) => deviceInput(device, { input, place: model.substation, note })),
  );
  const heads = model.feeders.map((feeder, index) =>
    headInput(model, feeder, { input, note, devices: devices[index]! }),
  );
  return {
    transformer: transformerInput(model, input, note),
    heads,
    devices,
    busbarPu: busbarVoltage(model, input, note),
    tap: tapInput(model, input, note),
    provenance,
  };
}

type Note = (each: InputProvenance) => void;

const found = (input: EstimateInput, device: string): MeterFinding | undefined =>
  input.findings.find(
    ({ device: of, finding, channel }) => of === device && finding !== 'stale' && channel !== 'voltage',
  );

const voltageOut = (input: EstimateInput, device: string): boolean =>
  input.findings.some((each) => each.device === device && each.finding === 'gross-error' && each.channel !== 'power');

const ageS = (input: EstimateInput, reading: Sample): number => Math.max(0, (input.time - reading.time) / 1000);

/** The part of a meter's error that averaging does not remove. */
const LASTING = 0.3;

/** Standard error of a reading, or of a mean of several, % of reading. */
export function errorPctOf(
  { counts }: EstimateInput,
  { device, errorPct }: { readonly device: string; readonly errorPct: number },
): number {
  return errorPct * Math.max(LASTING, 1 / Math.sqrt(counts?.get(device) ?? 1));
}

/** A meter's power with its error, negated if the meter is reversed; the error grows with age. */
function metered(
  input: EstimateInput,
  meter: { readonly device: string; readonly errorPct: number; readonly intervalS?: number },
  rangeKva: number,
): (PowerInput & { readonly reading: Sample; readonly stale: boolean; readonly reversed: boolean }) | undefined {
  const finding = found(input, meter.device)?.finding;
  const active = usable(input.readings, meter.device, 'activePowerKw');
  if (active === undefined || finding === 'dead' || finding === 'gross-error') return undefined;
  const reactive = usable(input.readings, meter.device, 'reactivePowerKvar');
  const reversed = finding === 'reversed';
  const age = ageS(input, active);
  const stale = !isLiveAt(input, active.time, meter);
  const drift = DRIFT * rangeKva * Math.sqrt(Math.max(0, age - DRIFT_FREE_S) / 3600);
  const sign = reversed ? -1 : 1;
  const origin = reversed ? 'substituted' : stale ? 'estimated' : 'measured';
  const errorOf = (value: number): number =>
    Math.hypot((Math.abs(value) * errorPctOf(input, meter)) / 100, 1e-4 * rangeKva, drift) * (reversed ? 2 : 1);
  return {
    kw: { value: sign * active.value, error: errorOf(active.value), origin },
    kvar:
      reactive === undefined
        ? { value: 0, error: 0.2 * rangeKva, origin: 'estimated' }
        : { value: sign * reactive.value, error: errorOf(reactive.value), origin },
    metered: { device: meter.device, time: active.time, reactive: reactive !== undefined },
    reading: active,
    stale,
    reversed,
  };
}

function transformerInput(model: EstimateModel, input: EstimateInput, note: Note): PowerInput | undefined {
  const meter = model.transformerMeter;
  const power = meter === undefined ? undefined : metered(input, meter, model.transformerKva);
  const element = meter?.device ?? 'transformer';
  if (power === undefined) {
    const finding = found(input, element)?.finding ?? sayEstimate('without a reading');
    note({
      element,
      source: 'sum-of-heads',
      ageS: null,
      quality: 'uncertain',
      ...(input.busbarRestKw === undefined
        ? sayEstimate(
            'meter is {finding}: sum of the feeder heads stands in; nothing tells what else the busbar carries',
            { finding },
          )
        : sayEstimate('meter is {finding}: sum of the feeder heads stands in; the rest by habit', { finding })),
    });
    return undefined;
  }
  note({
    element,
    source: power.reversed ? 'reversed-meter' : power.stale ? 'last-value' : 'meter',
    ageS: ageS(input, power.reading),
    quality: power.reversed || power.stale ? 'uncertain' : power.reading.quality,
    ...(power.reversed
      ? sayEstimate('meter counts with the wrong sign: its value is turned')
      : sayEstimate('measured')),
  });
  return power;
}

function headInput(
  model: EstimateModel,
  feeder: ModelFeeder,
  { input, note, devices }: { input: EstimateInput; note: Note; devices: readonly PowerInput[] },
): PowerInput {
  const range = Math.max(1, feeder.nominalKw);
  const power = feeder.meter === undefined ? undefined : metered(input, feeder.meter, range);
  const element = feeder.meter?.device ?? feeder.id;
  if (power !== undefined) {
    note({
      element,
      source: power.reversed ? 'reversed-meter' : power.stale ? 'last-value' : 'meter',
      ageS: ageS(input, power.reading),
      quality: power.reversed || power.stale ? 'uncertain' : power.reading.quality,
      ...(power.stale ? sayEstimate('last value, its error grows with its age') : sayEstimate('measured')),
    });
    return power;
  }
  const load = 0.5;
  const add = (key: 'kw' | 'kvar', nominal: number): EstimatedValue => ({
    value: devices.reduce((total, device) => total + device[key].value, load * nominal),
    error: Math.hypot(PROFILE_ERROR * Math.abs(nominal), ...devices.map((device) => device[key].error)),
    origin: 'estimated',
  });
  note({
    element,
    source: 'profile',
    ageS: null,
    quality: 'uncertain',
    ...sayEstimate('no usable head meter: half of the nominal load and the metered devices'),
  });
  return { kw: add('kw', feeder.nominalKw), kvar: add('kvar', feeder.nominalKvar) };
}

function deviceInput(
  { device, meter }: ModelDevice,
  { input, place, note }: { readonly input: EstimateInput; readonly place: SunPlace; readonly note: Note },
): PowerInput {
  const range = rangeOf(device);
  const span = Math.max(1, range.maxKw - range.minKw);
  const plan = meter ?? { device: device.id, errorPct: 1 };
  const power = metered(input, plan, span);
  if (power !== undefined) {
    note({
      element: device.id,
      source: power.stale ? 'last-value' : 'device',
      ageS: ageS(input, power.reading),
      quality: power.stale ? 'uncertain' : power.reading.quality,
      ...(power.stale
        ? sayEstimate('last value, its error grows with its age')
        : sayEstimate('measured at its terminal')),
    });
    return power;
  }
  const sun = device.type === 'pv-inverter' ? Math.min(1, TILTED * REFLECTED * clearSky(place, input.time)) : 1;
  const [minKw, maxKw] = [Math.round(sun * range.minKw), range.maxKw];
  note({
    element: device.id,
    source: 'model',
    ageS: null,
    quality: 'uncertain',
    ...sayEstimate('never read: the middle of {least} to {most} kW', { least: minKw, most: maxKw }),
  });
  return {
    kw: { value: (minKw + maxKw) / 2, error: Math.max(1, maxKw - minKw) / Math.sqrt(12), origin: 'estimated' },
    kvar: { value: 0, error: (device.maxReactiveKvar ?? 0.2 * span) / Math.sqrt(3), origin: 'estimated' },
  };
}

/** The device's power range, load convention. */
export function rangeOf(device: RegionDevice): { minKw: number; maxKw: number } {
  switch (device.type) {
    case 'battery':
      return { minKw: -(device.dischargeKw ?? 0), maxKw: device.chargeKw ?? 0 };
    case 'pv-inverter':
      return { minKw: -(device.activePowerKw ?? device.apparentPowerKva ?? 0), maxKw: 0 };
    case 'ev-site':
    case 'flexible-load':
      return { minKw: 0, maxKw: device.activePowerKw ?? device.chargeKw ?? 0 };
    case 'capacitor-bank':
    case 'tap-changer':
    case 'meter':
      return { minKw: 0, maxKw: 0 };
  }
}

/** Mean of the meters at the busbar, weighted by their errors. */
function busbarVoltage(model: EstimateModel, input: EstimateInput, note: Note): EstimatedValue | undefined {
  const meters = [model.transformerMeter, ...model.feeders.map((feeder) => feeder.meter)];
  let weights = 0;
  let weighted = 0;
  for (const meter of meters) {
    if (meter === undefined || voltageOut(input, meter.device)) continue;
    const reading = usable(input.readings, meter.device, 'voltagePu');
    if (reading === undefined || !(reading.value > 0.5 && reading.value < 1.5)) continue;
    if (!isLiveAt(input, reading.time, meter)) continue;
    const error = (reading.value * meter.errorPct * VOLTAGE_SHARE) / 100;
    weights += 1 / error ** 2;
    weighted += reading.value / error ** 2;
  }
  if (weights > 0) return { value: weighted / weights, error: Math.sqrt(1 / weights), origin: 'measured' };
  note({
    element: model.grid.busIds[model.busbar]!,
    source: 'model',
    ageS: null,
    quality: 'uncertain',
    ...sayEstimate('no usable voltage at the busbar: from the source and the tap'),
  });
  return undefined;
}

function tapInput(model: EstimateModel, input: EstimateInput, note: Note): EstimatedValue {
  const reading = model.tapDevice === undefined ? undefined : usable(input.readings, model.tapDevice, 'tapPosition');
  const transformer = model.grid.transformers[0]!;
  if (reading !== undefined) return { value: reading.value, error: 0, origin: 'measured' };
  note({
    element: transformer.id,
    source: 'model',
    ageS: null,
    quality: 'uncertain',
    ...sayEstimate('tap position is not read: as in the network'),
  });
  return { value: transformer.tapPosition, error: 2, origin: 'estimated' };
}
