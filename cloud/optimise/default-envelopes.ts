import type { PowerRange } from '../../shared/contracts/plan.ts';
import { envelopeBreaches } from './envelopes.ts';
import { evaluate, newBench } from './evaluate.ts';
import type { Layout } from './layout.ts';
import { modelAround } from './model.ts';

/**
 * Tries as one set the envelopes that devices stand on without a plan, [device] in the order of the problem: any combination, over all
 * steps and corners of the forecast, with taps as they are and inverters on their own curves. Answers with the limits that break, in
 * words, worst first; what is broken with no device at all is none of theirs.
 */
export function defaultsBreak(layout: Layout, defaults: readonly (PowerRange | undefined)[]): string[] {
  const width = layout.controls.length;
  const none = layout.start.map((value, at) => (layout.controls[at % width]!.role === 'source' ? value : 0));
  const at = evaluate(layout, none, newBench(layout));
  if (!at.converged) return ['no power flow converges without any device'];
  const boxes = layout.problem.devices.map((device, index) =>
    device.kind === 'tap' ? undefined : Array.from(layout.hours, () => defaults[index] ?? IDLE),
  );
  const worst = new Map<string, { readonly step: number; readonly by: number; readonly unit: string }>();
  for (const { step, element, kind, by } of envelopeBreaches(
    { layout, best: at, model: modelAround(layout, at) },
    boxes,
  )) {
    const shown = kind === 'voltage' ? { step, by, unit: 'pu' } : { step, by: by * 1000, unit: 'kVA' };
    if (shown.by > (worst.get(element)?.by ?? 0)) worst.set(element, shown);
  }
  return [...worst]
    .sort(([, a], [, b]) => b.by - a.by)
    .map(([element, { step, by, unit }]) => `${element} by ${by.toPrecision(2)} ${unit} in step ${step}`);
}

const IDLE: PowerRange = { minKw: 0, maxKw: 0 };
