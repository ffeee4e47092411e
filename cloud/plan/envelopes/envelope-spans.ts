import { valuesIn, type DeviceValues } from '../problem/device-cost.ts';
import type { Place } from './envelope-corner.ts';
import { isActive, type Layout } from '../problem/layout.ts';
import type { StepModel } from '../search/model.ts';
import type { Optimised } from '../search/optimise.ts';
import { isStepped, type InjectingDevice } from '../problem/problem.ts';
import { toldKw } from '../problem/told.ts';

/**
 * An injecting device in a step, MW: what is never taken from it (what it is told, its floor, what it is expected to do where it is told
 * nothing), and what its ratings and the sky allow.
 */
export interface Span extends Place {
  readonly device: number;
  readonly keepLow: number;
  readonly keepHigh: number;
  readonly least: number;
  readonly most: number;
  /** What it will do at the least and at the most because it is told so; undefined: as far as its envelope goes. */
  readonly toldLow: number | undefined;
  readonly toldHigh: number | undefined;
}

/** In the order of the problem. */
export function spansOf({ layout, best }: Pick<Optimised, 'layout' | 'best'>, step: number): Span[] {
  const corners = layout.scenarios.length > 1;
  return valuesIn(layout, best.x, step).flatMap((value, index): Span[] => {
    const device = layout.problem.devices[index]!;
    if (isStepped(device)) return [];
    const { input } = layout.controls.find((one) => one.device === index && isActive(one.role))!;
    const told = toldKw(device, value, { step, corners });
    const { keep, box, ends } = reachOf(device, value, {
      step,
      corners,
      told: told === null ? undefined : told / 1000,
    });
    return [
      {
        device: index,
        input,
        mvar: value.reactive,
        told: true,
        apparentMva: ('apparentPowerKva' in device ? (device.apparentPowerKva ?? Infinity) : Infinity) / 1000,
        mostMvar: ('maxReactiveKvar' in device ? device.maxReactiveKvar : 0) / 1000,
        keepLow: keep[0],
        keepHigh: keep[1],
        least: Math.min(keep[0], box[0] / 1000),
        most: Math.max(keep[1], box[1] / 1000),
        toldLow: ends[0],
        toldHigh: ends[1],
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
  { step, corners, told }: { readonly step: number; readonly corners: boolean; readonly told: number | undefined },
): Reach {
  switch (device.kind) {
    case 'pv': {
      // What a plant is told is its limit; the plan counts on no more than what it gives where the sun is low.
      const limit = told ?? (corners ? value.limit : value.feedIn);
      const low = Math.min(limit, value.feedIn, (device.availableLowKw?.[step] ?? Infinity) / 1000);
      const sun = Math.max(
        device.availableKw[step]!,
        device.availableHighKw?.[step] ?? 0,
        device.availableMostKw?.[step] ?? 0,
      );
      return {
        keep: [0 - limit, 0 - low],
        box: [0 - sun, 0],
        ends: [told === undefined ? undefined : 0 - told, undefined],
      };
    }
    case 'storage':
      return { keep: [told!, told!], box: [-device.dischargeKw, device.chargeKw], ends: [told, told] };
    case 'ev': {
      // A statutory floor stands before an envelope, also for the sessions that are still to come.
      const most = Math.max(told ?? value.power, device.floorKw / 1000);
      const box = [
        device.minKw[step]!,
        Math.max(device.minKw[step]!, device.maxKw[step]!, device.ratedKw ?? 0),
      ] as const;
      return { keep: [Math.min(told ?? value.power, value.power), most], box, ends: [undefined, told] };
    }
    case 'flexible': {
      const box = [device.minKw[step]!, Math.max(device.minKw[step]!, device.maxKw[step]!)] as const;
      return { keep: [told ?? value.power, told ?? value.power], box, ends: [undefined, told] };
    }
  }
}

/** What each device does in a scenario under the plan, MW. */
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
        whole -= scenario === 'low' ? Math.min(value, (device.availableLowKw?.[step] ?? Infinity) / 1000) : value;
    }
    return whole;
  });
}
