import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { DevicePlan } from '../../shared/contracts/plan.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { TRANSFORMER } from './model.ts';
import type { Image } from './image.ts';
import type { Setpoint } from './setpoint.ts';
import type { WatchState } from './state.ts';

/** A head may be out of its band for this long before the plan's targets are dropped, s. */
const HEAD_OUT_S = 60;
/** A device that the plan counts on may be silent for this long, s, beyond its own time-out. */
const DEVICE_LOST_S = 30;

/** The step of the horizon that contains `time`; null before it, after it and outside the plan's validity. */
export function planStep(plan: PlanDocument, time: number): number | null {
  if (time < plan.validFrom || time >= plan.validUntil) return null;
  let end = plan.body.horizon.start;
  if (time < end) return null;
  for (const [index, stepS] of plan.body.horizon.stepsS.entries()) {
    end += stepS * 1000;
    if (time < end) return index;
  }
  return null;
}

/** The plan's setpoint for a device in a step. Keys that the plan does not set in this step are absent. */
export function planSetpoint(plan: DevicePlan, step: number): Setpoint {
  const at = (values: readonly (number | null)[] | undefined): number | undefined => values?.[step] ?? undefined;
  const entries = {
    activePowerKw: at(plan.activePowerKw),
    reactivePowerKvar: at(plan.reactivePowerKvar),
    activePowerLimitKw: at(plan.activePowerLimitKw),
    voltageTargetPu: at(plan.voltageTargetPu),
    capacitorStep: at(plan.capacitorStep),
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Setpoint;
}

/** Why the device has its setpoint in this step, in the plan's own words. */
export const planReason = (plan: DevicePlan, step: number): string =>
  plan.reasons.find(({ fromStep, toStep }) => fromStep <= step && step <= toStep)?.text ?? 'cloud plan';

/** The cloud names elements by the network (`owd-1`, `owd-t1`); the gateway by its meters (`feeder-1`, `transformer`). */
export function elementId(name: string, substation: string): string {
  if (name === substation || name === `${substation}-t1`) return TRANSFORMER;
  const feeder = name.startsWith(`${substation}-`) ? /^\d+$/.exec(name.slice(substation.length + 1)) : null;
  return feeder === null ? name : `feeder-${feeder[0]}`;
}

/** Checks the plan's assumptions in one cycle: topology, devices counted on, heads within their bands. */
export function watchPlan(
  plan: PlanDocument,
  step: number,
  image: Image,
  { watch, topologyVersion }: { readonly watch: WatchState; readonly topologyVersion: number | null },
): WatchState {
  const same = watch.planId === plan.body.id;
  if (same && watch.letGo !== null) return watch;
  const { assumptions, substation } = plan.body;
  if (topologyVersion !== null && topologyVersion !== assumptions.topologyVersion) {
    const letGo = formatMessage('LS-CONTROL-001', 'topology is version {version}, the plan rests on {assumed}', {
      version: topologyVersion,
      assumed: assumptions.topologyVersion,
    });
    return { planId: plan.body.id, letGo, headOutS: {}, lostS: {} };
  }
  let letGo: string | null = null;
  const lostS: Record<string, number> = {};
  for (const id of assumptions.devices) {
    if (image.devices.get(id)?.fresh === true || image.elements.get(id)?.fresh === true) continue;
    lostS[id] = ((same ? watch.lostS[id] : undefined) ?? 0) + image.stepS;
    if (lostS[id] >= DEVICE_LOST_S)
      letGo ??= formatMessage('LS-CONTROL-001', '{device} is counted on and silent', { device: id });
  }
  const headOutS: Record<string, number> = {};
  for (const { element, lowKw, highKw } of assumptions.heads) {
    const id = elementId(element, substation);
    const head = image.elements.get(id);
    const [low, high] = [lowKw[step], highKw[step]];
    if (head?.fresh !== true || head.activePowerKw === null || low === undefined || high === undefined) continue;
    if (head.activePowerKw >= low && head.activePowerKw <= high) continue;
    headOutS[id] = ((same ? watch.headOutS[id] : undefined) ?? 0) + image.stepS;
    if (headOutS[id] < HEAD_OUT_S) continue;
    letGo ??= formatMessage(
      'LS-CONTROL-001',
      '{element} at {power} kW, out of its band of {low} to {high} kW for {seconds} s',
      {
        element: id,
        power: head.activePowerKw.toFixed(0),
        low: low.toFixed(0),
        high: high.toFixed(0),
        seconds: HEAD_OUT_S,
      },
    );
  }
  return { planId: plan.body.id, letGo, headOutS, lostS };
}
