import type { DeviceHealth, HealthReport } from '../../shared/contracts/report.ts';
import { awaitsLimit } from '../control/ladder.ts';
import { modeOf } from '../control/state.ts';
import type { Intervention } from '../safety/guard-types.ts';
import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { BudgetUse } from './budget.ts';
import type { ForecasterPort } from './forecaster.ts';
import type { LoopFigures } from './loop.ts';
import { goesOnAs } from './last-set.ts';
import type { StepResult } from './step-types.ts';

export type Health = Omit<HealthReport, 'journal'>;

/** The guard's last intervention, for display. */
export interface GuardMemory {
  readonly element: string | null;
  readonly since: number | null;
}

export function remember(before: GuardMemory, interventions: readonly Intervention[], time: number): GuardMemory {
  const [first] = interventions;
  return first === undefined ? before : { element: first.element, since: Math.round(time) };
}

export interface HealthInput {
  readonly time: number;
  readonly software: string;
  readonly result: StepResult;
  readonly loop: LoopFigures;
  readonly guard: GuardMemory;
  readonly plan: PlanDocument | null;
  /** Guarded head of each device. */
  readonly feeders: ReadonlyMap<string, string | null>;
  readonly forecaster: ForecasterPort | undefined;
  readonly clock: HealthReport['clock'];
  readonly dataBudget: BudgetUse;
}

export function healthOf(input: HealthInput): Health {
  const { result, plan, forecaster, guard } = input;
  const { state } = result;
  const latest = forecaster?.latest();
  return {
    version: 1,
    time: Math.round(input.time),
    software: input.software,
    selects: true,
    cancels: true,
    mode: state.mode,
    stopped: state.stopped.gateway,
    ...(state.emergency === undefined
      ? {}
      : {
          emergency: state.emergency.map(({ element, expiresAt }) => ({ element, expiresAt: Math.round(expiresAt) })),
        }),
    ...(state.judged === undefined ? {} : { judged: { plan: state.judged.plan, verdict: state.judged.verdict } }),
    ...(state.settings === undefined ? {} : { settings: { ...state.settings } }),
    ...(state.countsSince === undefined ? {} : { countsSince: { ...state.countsSince } }),
    dataBudget: { ...input.dataBudget, uses: [...input.dataBudget.uses] },
    rung: result.rung,
    awaitsGridLimit: awaitsLimit(state.failsafe),
    cycle: { ...input.loop },
    guard: {
      active: result.guardActive,
      reliefKw: result.reliefKw,
      element: guard.element,
      since: guard.since,
    },
    plan: {
      id: plan?.body.id ?? null,
      epoch: plan?.epoch ?? 0,
      sequence: plan?.sequence ?? 0,
      validUntil: plan?.validUntil ?? null,
      inForce: result.rung === 'plan',
    },
    model: forecaster?.state() ?? { id: null, state: 'none', inferenceMs: null, reason: 'no local forecast here' },
    localForecast:
      latest === undefined
        ? null
        : {
            issuedAt: Math.round(latest.issuedAt),
            by: latest.by,
            peakKw: latest.peakKw,
            peakAt: Math.round(latest.peakAt),
          },
    clock: input.clock,
    devices: result.decisions.map((decision) => deviceHealth(decision, input)),
  };
}

/** Sources chosen by a person. */
const BY_HAND = ['override', 'local-manual'];

function deviceHealth(
  decision: StepResult['decisions'][number],
  { result: { image, rung, state }, plan, feeders }: HealthInput,
): DeviceHealth {
  const lastSet = goesOnAs(decision.device, { state, image });
  const device = image.devices.get(decision.device);
  const { envelope, limitedBy, source } = decision;
  const isConstrained = limitedBy !== null || BY_HAND.includes(source);
  const by = rung === 'plan' && plan !== null ? plan.body.id : 'default';
  return {
    device: decision.device,
    link:
      device?.fresh === true ? 'up' : device?.lastSeen === undefined || device.lastSeen === null ? 'never' : 'stale',
    lastSeen: device?.lastSeen === undefined || device.lastSeen === null ? null : Math.round(device.lastSeen),
    source: decision.source,
    setpointKw: decision.kw,
    wishedKw: decision.wishedKw,
    limitedBy: decision.limitedBy,
    reliefKw: decision.reliefKw,
    ...(envelope === null ? {} : { envelope: { ...envelope, by } }),
    mode: modeOf(state, feeders.get(decision.device) ?? null),
    stopped: state.stopped.gateway || state.stopped.devices.includes(decision.device),
    tagged: state.tagged.includes(decision.device),
    ...(lastSet === undefined ? {} : { lastSet }),
    ...(isConstrained ? { reason: decision.reason.slice(0, 300) } : {}),
  };
}
