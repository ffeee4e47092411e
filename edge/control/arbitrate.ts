import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { DevicePlan } from '../../shared/contracts/plan.ts';
import type { FeederMode } from '../../shared/contracts/ids.ts';
import type { TargetSource } from '../../shared/contracts/report.ts';
import { freeKw, signedKw, type DeviceSpec } from './model.ts';
import { planReason, planSetpoint } from './plan-follower.ts';
import type { Setpoint } from './setpoint.ts';
import type { ControlState } from './state.ts';

export interface TargetContext {
  readonly time: number;
  readonly mode: FeederMode;
  readonly state: Pick<ControlState, 'stopped' | 'tagged' | 'manual' | 'overrides' | 'judged'>;
  /** The plan whose assumptions hold, and its current step. */
  readonly plan: { readonly document: PlanDocument; readonly step: number } | null;
  /** Targets of the gateway's own plan, kW by device. */
  readonly ownPlan: ReadonlyMap<string, number>;
  /** The gateway has lost the cloud but measures the device's effect on the grid, so a limited device without a target runs freely. */
  readonly isWatched?: boolean;
  /** The state from before the start is not known yet. */
  readonly awaitsState?: boolean;
}

/** A device's target before limits, and its source. */
export interface Wish {
  readonly source: TargetSource;
  /** Signed kW of the lever. Null: no command unless a limit requires one. */
  readonly kw: number | null;
  readonly kvar: number | null;
  readonly voltagePu: number | null;
  /** No source has a target. `kw` is what the rating allows, and the device does what it can. */
  readonly free: boolean;
  /** Steps of a capacitor bank. */
  readonly step: number | null;
  readonly reason: string;
  /** Source of `kw` where an override sets other quantities only. */
  readonly powerBy: TargetSource;
  /** Id of the plan or command behind the wish. */
  readonly subject: string | null;
  /** No command, not even for a limit: tagged, or no authority. */
  readonly barred: boolean;
}

const none = (reason: string, more: Partial<Wish> = {}): Wish => ({
  source: 'none',
  kw: null,
  kvar: null,
  voltagePu: null,
  free: false,
  step: null,
  reason,
  powerBy: more.source ?? 'none',
  subject: null,
  barred: false,
  ...more,
});

/**
 * The target of one device by precedence: local manual, operator override, valid cloud plan, own plan, safe default. A tagged
 * device gets no command, a stopped one its safe default. When the gateway has lost the cloud, a limited device is free within the
 * default envelope, as long as the guard can measure its effect.
 */
export function arbitrate(spec: DeviceSpec, context: TargetContext): Wish {
  const { state, mode } = context;
  if (state.tagged.includes(spec.id)) return none('tagged', { barred: true });
  const awaits = context.awaitsState === true && 'the state before the restart is not known yet: guard only';
  if (spec.authority === 'none') return none(awaits || 'no authority', { barred: true });
  if (state.stopped.gateway || state.stopped.devices.includes(spec.id)) return safeDefault(spec, 'stopped');
  if (awaits !== false) return none(awaits);
  const isLimited = spec.lever !== 'power' && spec.lever !== 'none';
  const free = (reason: string): Wish => none(reason, { kw: isLimited ? freeKw(spec) : null, free: isLimited });
  const idle = free(mode === 'manual' ? 'mode manual: targets are recommended only' : 'guard only');
  const byHand = manualWish(spec, context);
  if (byHand !== null) return byHand;
  if (spec.authority === 'guard') return idle;
  const below =
    mode === 'manual'
      ? (approvedWish(spec, context) ?? idle)
      : (planWish(spec, context) ??
        ownWish(spec, context) ??
        (isLimited && context.isWatched === true
          ? free('no target: free within the default envelope')
          : safeDefault(spec, 'no target: safe default')));
  const override = overrideWish(spec, context);
  return override === null ? below : completed(override, below);
}

/**
 * Quantities that an override does not set keep the next source in rank, so an override of reactive power lifts no limit on active
 * power.
 */
const completed = (override: Wish, below: Wish): Wish => ({
  ...override,
  ...(override.kw === null ? { kw: below.kw, free: below.free, powerBy: below.powerBy } : {}),
  kvar: override.kvar ?? below.kvar,
  voltagePu: override.voltagePu ?? below.voltagePu,
  step: override.step ?? below.step,
});

function safeDefault(spec: DeviceSpec, reason: string): Wish {
  return none(reason, {
    source: 'safe-default',
    kw: spec.lever === 'none' ? null : spec.safeKw,
    voltagePu: spec.takesVoltageTarget ? spec.safeVoltagePu : null,
    step: spec.capacitorSteps > 0 ? spec.safeStep : null,
  });
}

function manualWish(spec: DeviceSpec, { state, time }: TargetContext): Wish | null {
  const entry =
    state.manual.find(({ device, expiresAt }) => device === spec.id && expiresAt > time) ??
    state.manual.find(({ device, expiresAt }) => device === null && expiresAt > time);
  if (entry === undefined) return null;
  const reason = `local manual: ${entry.reason}`;
  if (entry.setpoint === null) return none(reason, { source: 'local-manual' });
  return wishBy(spec, entry.setpoint, { source: 'local-manual', reason, subject: null });
}

function overrideWish(spec: DeviceSpec, { state, time }: TargetContext): Wish | null {
  const entry = state.overrides.find(({ device, expiresAt }) => device === spec.id && expiresAt > time);
  if (entry === undefined) return null;
  return wishBy(spec, entry.setpoint, {
    source: 'override',
    reason: `override by ${entry.user}: ${entry.reason}`,
    subject: entry.id,
  });
}

/** In manual mode only an approved plan is followed. */
function approvedWish(spec: DeviceSpec, context: TargetContext): Wish | null {
  const { judged } = context.state;
  const approved = judged?.verdict === 'approved' && judged.plan === context.plan?.document.body.id;
  return approved ? planWish(spec, context) : null;
}

function planWish(spec: DeviceSpec, { plan }: TargetContext): Wish | null {
  if (plan === null || plan.document.body.status === 'envelopes-only') return null;
  const { id, devices } = plan.document.body;
  const entry: DevicePlan | undefined = devices.find(({ device }) => device === spec.id);
  if (entry === undefined) return null;
  const wish = wishBy(spec, planSetpoint(entry, plan.step), {
    source: 'cloud-plan',
    reason: planReason(entry, plan.step),
    subject: id,
  });
  // No target in this step: the device is free within the envelope.
  return wish.kw === null && spec.lever !== 'none' ? { ...wish, kw: freeKw(spec), free: true } : wish;
}

function ownWish(spec: DeviceSpec, { ownPlan }: TargetContext): Wish | null {
  const kw = ownPlan.get(spec.id);
  return kw === undefined ? null : none('own plan: peak shaving by the local forecast', { source: 'own-plan', kw });
}

function wishBy(spec: DeviceSpec, setpoint: Setpoint, by: Pick<Wish, 'source' | 'reason' | 'subject'>): Wish {
  return none(by.reason, {
    ...by,
    kw: signedKw(spec.lever, setpoint) ?? null,
    kvar: spec.maxReactiveKvar > 0 ? (setpoint.reactivePowerKvar ?? null) : null,
    voltagePu: spec.takesVoltageTarget ? (setpoint.voltageTargetPu ?? null) : null,
    step: spec.capacitorSteps > 0 ? (setpoint.capacitorStep ?? null) : null,
  });
}
