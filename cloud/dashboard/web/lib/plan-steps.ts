import type { DevicePlan, Horizon, PlanBody } from '../../../../shared/contracts/plan.ts';
import type { DocumentReport } from '../../../../shared/contracts/report.ts';
import { t, type Text } from '../words/t.ts';
import { kw, pu } from './format.ts';

/** Returns the starts of a horizon's steps and its end, ms UTC: one more than there are steps. */
export function bounds({ start, stepsS }: Horizon): number[] {
  const times = [start];
  for (const seconds of stepsS) times.push(times.at(-1)! + seconds * 1000);
  return times;
}

/** Returns the step that contains `time`, or -1 outside the horizon. */
export function stepAt(horizon: Horizon, time: number): number {
  const times = bounds(horizon);
  return times.findIndex((start, step) => step < times.length - 1 && time >= start && time < times[step + 1]!);
}

/** Returns the start and end of the steps that a reason covers. */
export function span(horizon: Horizon, steps: { fromStep: number; toStep: number }): { from: number; to: number } {
  const times = bounds(horizon);
  const last = times.length - 1;
  return { from: times[Math.min(steps.fromStep, last)]!, to: times[Math.min(steps.toStep + 1, last)]! };
}

/** Returns the parts that contain `step`; if none does, the next part, or the last one after all of them. */
export function partsAt<T extends { readonly fromStep: number; readonly toStep: number }>(
  parts: readonly T[],
  step: number,
): readonly T[] {
  const now = parts.filter(({ fromStep, toStep }) => step >= fromStep && step <= toStep);
  if (now.length > 0) return now;
  const ordered = parts.toSorted((a, b) => a.fromStep - b.fromStep);
  const next = ordered.find(({ fromStep }) => fromStep > step) ?? ordered.at(-1);
  return next === undefined ? [] : [next];
}

export interface Target {
  readonly label: Text;
  readonly unit: string;
  readonly values: readonly (number | null)[];
}

/** Returns the setpoints of a device in the quantities that the plan sets. */
export function targetsOf(device: DevicePlan): Target[] {
  const targets: (Target | undefined)[] = [
    device.activePowerKw && { label: 'active power', unit: 'kW', values: device.activePowerKw },
    device.activePowerLimitKw && { label: 'limit', unit: 'kW', values: device.activePowerLimitKw },
    device.reactivePowerKvar && { label: 'reactive power', unit: 'kvar', values: device.reactivePowerKvar },
    device.voltageTargetPu && { label: 'voltage target', unit: 'pu', values: device.voltageTargetPu },
    device.capacitorStep && { label: 'capacitor', unit: 'steps', values: device.capacitorStep },
  ];
  return targets.filter((target) => target !== undefined);
}

const feedsIn = (type: string | undefined): boolean => type === 'pv-inverter';

/** A limit on feed-in is a magnitude; the chart draws it on the feed-in side of the measured power. */
export function drawnTarget(target: Target | undefined, type: string | undefined): Target | undefined {
  if (target?.label !== 'limit' || !feedsIn(type)) return target;
  const values = target.values.map((value) => (value === null ? null : -value));
  return { ...target, label: 'limit on feed-in', values };
}

/** Formats a target in a step, with the usual sign of power: a limit on feed-in is the power that it must not go below. */
export function plannedText({ label, unit, values }: Target, step: number, type: string | undefined): string {
  const value = values[step] ?? null;
  if (value === null) return t('free');
  const bound = label !== 'limit' ? '' : `${feedsIn(type) ? t('not below') : t('at most')} `;
  const signed = label === 'limit' && feedsIn(type) ? -Math.abs(value) : value;
  return `${bound}${unit === 'pu' ? pu(signed) : kw(signed)} ${unit}`;
}

/** A stage of a document with its report, if any. */
export interface ProgressPoint {
  readonly stage: string;
  readonly report: DocumentReport | null;
  /** bad: the document ended here and has no effect. */
  readonly state: 'done' | 'open' | 'bad';
}

const STAGES = ['received', 'accepted', 'applied', 'verified'] as const;
const ENDS_BADLY: readonly string[] = ['rejected', 'expired', 'assumption-failed'];

/**
 * Returns the progress of a plan: the four expected stages, and others that occurred (clamped, superseded, rejected ...). A stage that a
 * later one implies and nobody reported is left out.
 */
export function planProgress(stages: readonly DocumentReport[], plan: Pick<PlanBody, 'id'>): ProgressPoint[] {
  const own = stages.filter(({ id }) => id === plan.id).sort((a, b) => a.time - b.time);
  const points: ProgressPoint[] = STAGES.map((stage) => {
    const report = own.find((each) => each.stage === stage) ?? null;
    return { stage, report, state: report === null ? 'open' : 'done' };
  });
  const others = own
    .filter(({ stage }) => !(STAGES as readonly string[]).includes(stage))
    .map((report): ProgressPoint => ({
      stage: report.stage,
      report,
      state: ENDS_BADLY.includes(report.stage) ? 'bad' : 'done',
    }));
  const ended = others.some(({ state }) => state === 'bad');
  const done = [...points, ...others].filter(({ report }) => report !== null);
  return [
    ...done.sort((a, b) => a.report!.time - b.report!.time),
    ...(ended ? [] : points.slice(points.findLastIndex(({ report }) => report !== null) + 1)),
  ];
}

export interface BacklogSample {
  /** Machine time, ms. */
  readonly at: number;
  readonly frames: number;
}

/** Returns the seconds of machine time until a backlog is drained at the rate of the samples; null while it does not shrink. */
export function drainedInS(samples: readonly BacklogSample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.frames === 0) return last?.frames === 0 ? 0 : null;
  const rate = (first.frames - last.frames) / Math.max(1, last.at - first.at);
  return rate > 0 ? Math.ceil(last.frames / rate / 1000) : null;
}

/** True if all later samples lie above all earlier ones; messages in transit only fluctuate. */
export function backlogGrows(samples: readonly BacklogSample[]): boolean {
  const frames = samples.map((each) => each.frames);
  const half = Math.floor(frames.length / 2);
  return half > 0 && Math.min(...frames.slice(half)) > Math.max(...frames.slice(0, half));
}
