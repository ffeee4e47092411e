import { valuesIn, type DeviceValues } from '../problem/device-cost.ts';
import type { Place } from './envelope-corner.ts';
import { isActive, type Layout } from '../problem/layout.ts';
import type { StepModel } from '../search/model.ts';
import type { Optimised } from '../search/optimised.ts';
import { isStepped, type InjectingDevice } from '../problem/problem.ts';
import { commandedKw } from '../problem/commanded.ts';

/**
 * An injecting device in a step, MW: what it always keeps (setpoint, floor, or expected power without a setpoint), and what ratings and sky
 * allow.
 */
export interface Span extends Place {
  readonly device: number;
  readonly keepLow: number;
  readonly keepHigh: number;
  readonly least: number;
  readonly most: number;
  /** Its minimum and maximum by setpoint; undefined: up to its envelope. */
  readonly commandedLow: number | undefined;
  readonly commandedHigh: number | undefined;
}

/** The spans in the order of the problem. */
export function spansOf({ layout, best }: Pick<Optimised, 'layout' | 'best'>, step: number): Span[] {
  const corners = layout.scenarios.length > 1;
  return valuesIn(layout, best.x, step).flatMap((value, index): Span[] => {
    const device = layout.problem.devices[index]!;
    if (isStepped(device)) return [];
    const { input } = layout.controls.find((one) => one.device === index && isActive(one.role))!;
    const commanded = commandedKw(device, value, { step, corners });
    const { keep, box, ends } = reachOf(device, value, {
      step,
      corners,
      commanded: commanded === null ? undefined : commanded / 1000,
    });
    return [
      {
        device: index,
        input,
        mvar: value.reactive,
        commanded: true,
        apparentMva: ('apparentPowerKva' in device ? (device.apparentPowerKva ?? Infinity) : Infinity) / 1000,
        mostMvar: ('maxReactiveKvar' in device ? device.maxReactiveKvar : 0) / 1000,
        keepLow: keep[0],
        keepHigh: keep[1],
        least: Math.min(keep[0], box[0] / 1000),
        most: Math.max(keep[1], box[1] / 1000),
        commandedLow: ends[0],
        commandedHigh: ends[1],
      },
    ];
  });
}

interface Reach {
  /** MW of consumption. */
  readonly keep: readonly [number, number];
  /** kW of consumption. */
  readonly box: readonly [number, number];
  readonly ends: readonly [number | undefined, number | undefined];
}

function reachOf(
  device: InjectingDevice,
  value: DeviceValues,
  {
    step,
    corners,
    commanded,
  }: { readonly step: number; readonly corners: boolean; readonly commanded: number | undefined },
): Reach {
  switch (device.kind) {
    case 'pv': {
      // A plant's setpoint is its limit. The plan counts on no more than it gives at low sun.
      const limit = commanded ?? (corners ? value.limit : value.feedIn);
      const low = Math.min(limit, value.feedIn, (device.availableLowKw?.[step] ?? Infinity) / 1000);
      const sun = Math.max(
        device.availableKw[step]!,
        device.availableHighKw?.[step] ?? 0,
        device.availableMostKw?.[step] ?? 0,
      );
      return {
        keep: [0 - limit, 0 - low],
        box: [0 - sun, 0],
        ends: [commanded === undefined ? undefined : 0 - commanded, undefined],
      };
    }
    case 'storage':
      return {
        keep: [commanded!, commanded!],
        box: [-device.dischargeKw, device.chargeKw],
        ends: [commanded, commanded],
      };
    case 'ev': {
      // A statutory floor takes precedence over an envelope, also for sessions that are still to come.
      const most = Math.max(commanded ?? value.power, device.floorKw / 1000);
      const box = [
        device.minKw[step]!,
        Math.max(device.minKw[step]!, device.maxKw[step]!, device.ratedKw ?? 0),
      ] as const;
      return { keep: [Math.min(commanded ?? value.power, value.power), most], box, ends: [undefined, commanded] };
    }
    case 'flexible': {
      const box = [device.minKw[step]!, Math.max(device.minKw[step]!, device.maxKw[step]!)] as const;
      return { keep: [commanded ?? value.power, commanded ?? value.power], box, ends: [undefined, commanded] };
    }
  }
}

/** Power of each device in a scenario under the plan, MW. */
export function injected(
  layout: Layout,
  x: Float64Array,
  { scenario, step }: StepModel,
  spans: readonly Span[],
): Float64Array {
  const width = layout.controls.length;
  return Float64Array.from(spans, (span) => {
    const device = layout.problem.devices[span.device]!;
    let whole = 0;
    for (const [at, control] of layout.controls.entries()) {
      if (control.device !== span.device || control.role === 'reactive') continue;
      const value = x[step * width + at]!;
      if (device.kind !== 'pv') whole += control.sign * value;
      else if (layout.scenarios.length === 1 || control.role === (scenario === 'mid' ? 'feed-in' : 'limit'))
        whole -= scenario === 'lowSun' ? Math.min(value, (device.availableLowKw?.[step] ?? Infinity) / 1000) : value;
    }
    return whole;
  });
}
