import type { Place } from './envelope-corner.ts';
import type { Layout } from './layout.ts';
import type { StepModel } from './model.ts';
import type { Optimised } from './optimise.ts';
import { isStepped } from './problem.ts';

/** An injecting device in a step, MW: what is never taken from it (its plan, its floor), and what its ratings and the sky allow. */
export interface Span extends Place {
  readonly device: number;
  readonly keepLow: number;
  readonly keepHigh: number;
  readonly least: number;
  readonly most: number;
}

/** In the order of the problem. */
export function spansOf({ layout, best }: Pick<Optimised, 'layout' | 'best'>, step: number): Span[] {
  const width = layout.controls.length;
  const spans: Span[] = [];
  for (const [index, device] of layout.problem.devices.entries()) {
    if (isStepped(device)) continue;
    let planned = 0;
    let mvar = 0;
    let input = 0;
    // What a plant is told is its limit.
    const limited = layout.controls.some((one) => one.device === index && one.role === 'limit');
    for (const [at, control] of layout.controls.entries()) {
      if (control.device !== index) continue;
      const value = control.sign * best.x[step * width + at]!;
      if (control.role === 'reactive') {
        mvar = value;
        continue;
      }
      if (limited && control.role === 'feed-in') continue;
      planned += value;
      input = control.input;
    }
    const box = ((): readonly [number, number] => {
      switch (device.kind) {
        case 'pv':
          return [
            -Math.max(
              device.availableKw[step]!,
              device.availableHighKw?.[step] ?? 0,
              device.availableMostKw?.[step] ?? 0,
            ),
            0,
          ];
        case 'storage':
          return [-device.dischargeKw, device.chargeKw];
        case 'ev':
          return [device.minKw[step]!, Math.max(device.minKw[step]!, device.maxKw[step]!, device.ratedKw ?? 0)];
        case 'flexible':
          return [device.minKw[step]!, Math.max(device.minKw[step]!, device.maxKw[step]!)];
      }
    })();
    // A statutory floor stands before an envelope, also for the sessions that are still to come.
    const keepHigh = Math.max(planned, device.kind === 'ev' ? device.floorKw / 1000 : -Infinity);
    spans.push({
      device: index,
      input,
      mvar,
      told: true,
      apparentMva: ('apparentPowerKva' in device ? (device.apparentPowerKva ?? Infinity) : Infinity) / 1000,
      mostMvar: ('maxReactiveKvar' in device ? device.maxReactiveKvar : 0) / 1000,
      keepLow: planned,
      keepHigh,
      least: Math.min(planned, box[0] / 1000),
      most: Math.max(keepHigh, box[1] / 1000),
    });
  }
  return spans;
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
