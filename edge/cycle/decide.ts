import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import { isDay } from '../../shared/grid/clear-sky.ts';
import type { Wish } from '../control/arbitrate.ts';
import { narrowed, released } from '../control/envelope.ts';
import { finite, type Image } from '../control/image.ts';
import { setpointOf, type DeviceSpec } from '../control/model.ts';
import { actsOn, modeOf, type ControlState } from '../control/state.ts';
import { clampPower, clampReactive, within } from '../safety/clamp.ts';
import type { GuardResult } from '../safety/guard-types.ts';
import type { Layer } from '../safety/limits.ts';
import { runLayer } from '../safety/run-time.ts';
import { bites } from './bites.ts';
import { reliefKwOf, unrelievedKw } from './relief-kw.ts';
import type { Decision, Site } from './step-types.ts';

/** Differences below this come from floating-point arithmetic. */
const SAME_KW = 1e-6;

export interface DecideInput {
  readonly wish: Wish;
  readonly image: Image;
  readonly state: ControlState;
  readonly site: Site;
  readonly plan: { readonly document: PlanDocument; readonly step: number } | null;
  /** The plan's envelope in this step, with the joint limit of all devices. Undefined: the plan has none. */
  readonly planned: PowerRange | undefined;
  /** Share of the default envelope; undefined for a silent device. */
  readonly share: PowerRange | undefined;
  readonly guard: GuardResult;
  readonly grid: GuardResult;
  /** Power of the device before guard or grid limit bounded it; null if unknown. */
  readonly beforeReliefKw: number | null;
  /** Nothing is commanded now: the busbar is dead, or the device waits after its voltage came back. */
  readonly hold: boolean;
}

export interface Outcome {
  readonly decision: Decision;
  readonly commandedKw: number | null;
  readonly commandedKvar: number | null;
}

/**
 * Turns a wish into a setpoint by applying the limits in order. Records for each change the limit, the limits that lost, and the
 * reason.
 */
export function decide(spec: DeviceSpec, input: DecideInput): Outcome {
  const { wish, guard, grid } = input;
  const wanted = envelopeOf(spec, input);
  const { releaseKwPerS } = input.site.envelope;
  const envelope = wanted && released(input.state.envelopes[spec.id], wanted, releaseKwPerS * input.image.stepS);
  const key = `${spec.id}:p`;
  const layers: Layer[] = [];
  const guarded = guard.ranges.get(key);
  const gridRange = grid.ranges.get(key);
  if (guarded !== undefined) layers.push({ name: 'guard', range: guarded, reason: guard.reasons.get(key) ?? 'guard' });
  if (gridRange !== undefined) layers.push({ name: 'grid-limit', range: gridRange, reason: 'grid limit' });
  if (envelope !== null) layers.push({ name: 'envelope', range: envelope, reason: 'operating envelope' });
  const idle = { decision: empty(spec, wish, envelope), commandedKw: null, commandedKvar: null };
  if (wish.barred || input.hold) return idle;
  const device = input.image.devices.get(spec.id);
  const acts = actsOn(input.state, spec.feeder);
  const bounded = guarded !== undefined || gridRange !== undefined;
  const wished = wish.kw ?? (bounded && spec.lever !== 'none' ? (device?.activePowerKw ?? spec.safeKw) : null);
  const limits = {
    spec,
    stepS: input.image.stepS,
    socPct: device?.socPct ?? null,
    run: runLayer(spec, input.state.runs?.[spec.id], input.state.told[spec.id] ?? null),
    layers,
  };
  const power =
    wished === null ? null : clampPower({ ...limits, wishedKw: wished, lastKw: acts ? lastOf(spec, input) : null });
  const unrelieved = bounded
    ? unrelievedKw(spec, {
        ...limits,
        wish,
        device,
        beforeKw: input.beforeReliefKw,
        sun: sunShare(input),
        others: layers.filter(({ name }) => name === 'envelope'),
      })
    : null;
  // A device without a wish soon does what a limit requires. The limit holds it as long as it would do otherwise.
  const bound =
    wish.kw === null && unrelieved !== null ? clampPower({ ...limits, wishedKw: unrelieved, lastKw: null }) : power;
  // Room that the envelope has just gained is released slowly. That is a ramp, not a limit.
  const isReleased =
    power?.limitedBy === 'envelope' &&
    wished !== null &&
    wanted !== null &&
    Math.abs(within(wished, wanted) - wished) < SAME_KW;
  const limitedBy =
    power === null || !bites(spec, power.kw, { wish, device, sun: sunShare(input) })
      ? null
      : isReleased
        ? 'ramp'
        : (bound?.limitedBy ?? null);
  const limitReason = isReleased ? `release of the envelope by ${releaseKwPerS} kW/s` : bound?.reason;
  const kvar = reactive(spec, input, power?.kw ?? device?.activePowerKw ?? 0);
  const voltage = voltageTarget(spec, wish.voltagePu);
  const step = capacitorStep(spec, wish.step);
  const decision: Decision = {
    ...idle.decision,
    setpoint: {
      ...(power === null ? {} : setpointOf(spec.lever, power.kw)),
      ...(kvar === null ? {} : { reactivePowerKvar: kvar }),
      ...(voltage === null ? {} : { voltageTargetPu: voltage }),
      ...(step === null ? {} : { capacitorStep: step }),
    },
    kw: power?.kw ?? null,
    wishedKw: wish.kw,
    limitedBy,
    reliefKw:
      acts && power !== null && (limitedBy === 'guard' || limitedBy === 'grid-limit')
        ? reliefKwOf(unrelieved, { setpointKw: power.kw, device })
        : 0,
    reason: [wish.reason, limitedBy === null ? undefined : limitReason]
      .filter((part) => part !== undefined && part !== '')
      .join('; limited by '),
    losers: [...new Set(power?.losers.map(({ name }) => name))],
    urgent: power?.relief === true || (kvar !== null && guard.ranges.has(`${spec.id}:q`)),
  };
  return {
    decision,
    // A setpoint computed in monitor is never sent. When control starts, the ramp begins at the measured power.
    commandedKw: acts ? (power?.kw ?? null) : null,
    commandedKvar: acts ? kvar : null,
  };
}

/**
 * A ramp begins at the last setpoint, else at the measured power of a controlled device. For a limit lever the first limit is not
 * ramped.
 */
function lastOf({ id, lever }: DeviceSpec, { state, image }: DecideInput): number | null {
  return state.told[id] ?? (lever === 'power' ? (image.devices.get(id)?.activePowerKw ?? null) : null);
}

/** The most that the sun yields here now, as a share of a plant's rating; null if the location is unknown. */
const sunShare = ({ site: { place }, image: { time } }: DecideInput): number | null =>
  place === null ? null : Number(isDay(place, time, time));

const empty = (spec: DeviceSpec, wish: Wish, envelope: PowerRange | null): Decision => ({
  device: spec.id,
  source: wish.source,
  subject: wish.subject,
  setpoint: {},
  kw: null,
  wishedKw: wish.kw,
  limitedBy: null,
  reliefKw: 0,
  reason: wish.reason,
  losers: [],
  urgent: false,
  envelope,
});

/** The plan's envelope, narrowed towards the default share as the cloud stays silent. Without a plan, the default share. */
function envelopeOf(spec: DeviceSpec, { wish, plan, planned, share, state, site }: DecideInput): PowerRange | null {
  const byHand = modeOf(state, spec.feeder) === 'manual' && wish.powerBy !== 'cloud-plan';
  if (spec.lever === 'none' || share === undefined || byHand) return null;
  const { narrowAfterS } = site.envelope;
  return plan === null ? share : narrowed(planned ?? spec.rating, share, { ageS: state.heartbeatAgeS, narrowAfterS });
}

function reactive(spec: DeviceSpec, { wish, guard }: DecideInput, kw: number): number | null {
  if (spec.maxReactiveKvar <= 0) return null;
  const range = guard.ranges.get(`${spec.id}:q`) ?? null;
  if (wish.kvar === null && range === null) return null;
  return clampReactive(spec, kw, wish.kvar ?? 0, range);
}

const TARGET_SPAN = { minKw: 0.9, maxKw: 1.1 } as const;

function voltageTarget(spec: DeviceSpec, wished: number | null): number | null {
  if (!spec.takesVoltageTarget || !finite(wished)) return null;
  return within(wished, TARGET_SPAN);
}

/** A whole number within the steps the bank has. */
function capacitorStep({ capacitorSteps }: DeviceSpec, wished: number | null): number | null {
  if (capacitorSteps === 0 || !finite(wished)) return null;
  return Math.min(capacitorSteps, Math.max(0, Math.round(wished)));
}
