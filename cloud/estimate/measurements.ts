import { errorPctOf, VOLTAGE_SHARE, type EstimateInput, type EstimateInputs, type PowerInput } from './inputs.ts';
import type { EstimateModel } from './model.ts';
import { isLiveAt, usable } from './readings.ts';

export type Channel = 'power' | 'voltage';

/** One measured value and the quantity of the model that it shows. */
export interface Measurement {
  readonly device: string;
  readonly channel: Channel;
  readonly value: number;
  /** Standard error, same unit. */
  readonly error: number;
  readonly shows:
    | { readonly what: 'voltage'; readonly bus: number }
    | { readonly what: 'injection'; readonly bus: number; readonly unit: 'kw' | 'kvar' }
    | { readonly what: 'device'; readonly id: string; readonly unit: 'kw' | 'kvar' }
    | { readonly what: 'head'; readonly feeder: number; readonly unit: 'kw' | 'kvar' }
    | { readonly what: 'transformer'; readonly unit: 'kw' | 'kvar' };
  /** Source time, ms UTC. */
  readonly time: number;
  /** Young enough to judge its meter by; an older value may merely be outdated. */
  readonly fresh: boolean;
}

/** How far a voltage moves in ten minutes (a tap step, a cloud), pu; and a load, as a share of itself. */
const WALK_PU = 0.008;
const WALK_SHARE = 0.1;
/** An older value is weighed, but its meter is not judged by it. */
const JUDGED_MS = 60_000;
const units = ['kw', 'kvar'] as const;
const metricOf = { kw: 'activePowerKw', kvar: 'reactivePowerKvar' } as const;

/** All usable measurements; substitutes do not count. */
export function measurementsOf(model: EstimateModel, input: EstimateInput, inputs: EstimateInputs): Measurement[] {
  const list: Measurement[] = [];
  const power = (from: PowerInput | undefined, shows: (unit: 'kw' | 'kvar') => Measurement['shows']): void => {
    if (from?.metered === undefined) return;
    const { device, time } = from.metered;
    for (const unit of units)
      if (unit === 'kw' || from.metered.reactive)
        list.push({
          device,
          channel: 'power',
          value: from[unit].value,
          error: from[unit].error,
          shows: shows(unit),
          time,
          fresh: input.time - time <= JUDGED_MS,
        });
  };
  power(inputs.transformer, (unit) => ({ what: 'transformer', unit }));
  for (const [feeder, { buses, devices }] of model.feeders.entries()) {
    if (buses.length > 0) power(inputs.heads[feeder], (unit) => ({ what: 'head', feeder, unit }));
    for (const [at, { device }] of devices.entries())
      power(inputs.devices[feeder]![at], (unit) => ({ what: 'device', id: device.id, unit }));
  }
  for (const meter of model.substation.meters)
    list.push(...voltages(model, input, meter), ...loads(model, input, meter));
  return list;
}

/** Error of a slow meter's mean from having few values in the window: pu, and as a share of a load. */
const SAMPLED_PU = 0.002;
const SAMPLED_SHARE = 0.1;
const SLOW_S = 300;

const atTimes = ({ counts }: EstimateInput, { device, intervalS }: Meter): number =>
  counts === undefined || intervalS < SLOW_S ? 0 : 1 / Math.sqrt(counts.get(device) ?? 1);

type Meter = EstimateModel['substation']['meters'][number];

const out = (input: EstimateInput, device: string, channel: Channel): boolean =>
  input.findings.some(
    (each) =>
      each.device === device &&
      each.finding !== 'stale' &&
      (each.channel === channel ||
        (each.channel === undefined && (channel === 'power' || each.finding === 'gross-error'))),
  );

function voltages(model: EstimateModel, input: EstimateInput, meter: Meter): Measurement[] {
  const atBusbar = meter.kind === 'transformer' || meter.kind === 'feeder-head';
  const bus = atBusbar ? model.busbar : model.grid.busIndex.get(meter.element);
  const reading = usable(input.readings, meter.device, 'voltagePu');
  if (bus === undefined || model.grid.busNode[bus]! < 0 || reading === undefined || !(reading.value > 0.5)) return [];
  if (reading.value > 1.5 || out(input, meter.device, 'voltage')) return [];
  const age = Math.max(0, input.time - reading.time);
  if (!isLiveAt(input, reading.time, meter)) return [];
  // A slow meter's voltage moves on between two readings.
  const error = Math.hypot(
    (reading.value * errorPctOf(input, meter) * VOLTAGE_SHARE) / 100,
    WALK_PU * Math.sqrt(age / 600_000),
    atTimes(input, meter) * SAMPLED_PU,
  );
  const shows = { what: 'voltage', bus } as const;
  const { device } = meter;
  return [
    { device, channel: 'voltage', value: reading.value, error, shows, time: reading.time, fresh: age <= JUDGED_MS },
  ];
}

/** What a station meter reads: everything consumed at its bus. */
function loads(model: EstimateModel, input: EstimateInput, meter: Meter): Measurement[] {
  const bus = model.grid.busIndex.get(meter.element);
  if (meter.kind !== 'station' || bus === undefined || model.feederOfBus[bus]! < 0) return [];
  if (out(input, meter.device, 'power')) return [];
  const { device } = meter;
  const placed = model.feeders.some(({ devices }) => devices.some((each) => each.bus === bus));
  const nominal = Math.hypot(model.grid.nominalKw[bus]!, model.grid.nominalKvar[bus]!);
  if (nominal === 0 && !placed) return [];
  return units.flatMap((unit): Measurement[] => {
    const reading = usable(input.readings, device, metricOf[unit]);
    if (reading === undefined) return [];
    const age = Math.max(0, input.time - reading.time);
    if (!isLiveAt(input, reading.time, meter)) return [];
    const error = Math.hypot(
      (reading.value * errorPctOf(input, meter)) / 100,
      1e-4 * nominal,
      WALK_SHARE * reading.value * Math.sqrt(age / 600_000),
      atTimes(input, meter) * SAMPLED_SHARE * reading.value,
    );
    const shows = { what: 'injection', bus, unit } as const;
    return [
      { device, channel: 'power', value: reading.value, error, shows, time: reading.time, fresh: age <= JUDGED_MS },
    ];
  });
}
