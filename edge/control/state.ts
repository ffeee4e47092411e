import { Type, type Static } from 'typebox';
import { FeederMode } from '../../shared/contracts/ids.ts';
import { PowerRange } from '../../shared/contracts/plan.ts';
import { LastSet as ReportedLastSet } from '../../shared/contracts/report.ts';
import { ShareSchedule } from '../../shared/contracts/share-schedule.ts';
import { GuardState, emptyGuardState, RunState, ThermalMemory } from './safety-memory.ts';

const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

export const SetpointState = Type.Object({
  activePowerKw: Type.Optional(Type.Number()),
  reactivePowerKvar: Type.Optional(Type.Number()),
  activePowerLimitKw: Type.Optional(Type.Number()),
  voltageTargetPu: Type.Optional(Type.Number()),
  capacitorStep: Type.Optional(Type.Number()),
});

/** A person's setpoint at the site. Device null: all devices. Setpoint null: not controlled. */
export const ManualState = Type.Object({
  device: nullable(Type.String()),
  setpoint: nullable(SetpointState),
  expiresAt: Type.Number(),
  reason: Type.String(),
  user: Type.String(),
});
export type ManualState = Static<typeof ManualState>;

/**
 * An operator's act with an end: at `expiresAt`, or once `leftS` has elapsed on the monotonic clock, s, which nobody can set.
 * `leftS` is absent if written by an earlier version.
 */
const until = { expiresAt: Type.Number(), leftS: Type.Optional(Type.Number()) };

export const OverrideState = Type.Object({
  id: Type.String(),
  device: Type.String(),
  setpoint: SetpointState,
  ...until,
  reason: Type.String(),
  user: Type.String(),
});
export type OverrideState = Static<typeof OverrideState>;

/** An operator's decision on a plan. In manual mode an approved plan is followed; a refused plan never is. */
export const JudgedPlan = Type.Object({
  plan: Type.String(),
  verdict: Type.Union([Type.Literal('approved'), Type.Literal('refused')]),
  user: Type.String(),
});

/** An element whose limits are raised for a time. */
export const EmergencyState = Type.Object({ id: Type.String(), element: Type.String(), ...until });

/** Who last set a device's power: the wish, and the power after limits, kW. */
export const LastSet = Type.Object({
  ...ReportedLastSet.properties,
  wishedKw: nullable(Type.Number()),
  kw: Type.Number(),
});
export type LastSet = Static<typeof LastSet>;

type Until = Pick<OverrideState, 'expiresAt' | 'leftS'>;

/** A difference of one cycle is not a clock step, s. */
const LEFT_SLACK_S = 1;

export const stands = ({ expiresAt, leftS = 0 }: Until, time: number): boolean =>
  expiresAt > time && leftS > -LEFT_SLACK_S;

/** Ages an entry by `byS` of elapsed time. */
export const agedBy =
  (byS: number) =>
  <Entry extends Until>(entry: Entry): Entry =>
    entry.leftS === undefined ? entry : { ...entry, leftS: entry.leftS - byS };

/** The watch over the plan's assumptions. Times in s. */
export const WatchState = Type.Object({
  planId: nullable(Type.String()),
  /** Why its targets were dropped; null while its assumptions hold. */
  letGo: nullable(Type.String()),
  headOutS: Type.Record(Type.String(), Type.Number()),
  lostS: Type.Record(Type.String(), Type.Number()),
});
export type WatchState = Static<typeof WatchState>;

export const FailsafeState = Type.Object({
  active: Type.Boolean(),
  heldS: Type.Number(),
  /** It has held since the start, before any heartbeat. The first heartbeat ends it. */
  fromStart: Type.Boolean(),
  /** How long the heartbeat has been back, s. */
  aliveS: Type.Optional(Type.Number()),
});
export type FailsafeState = Static<typeof FailsafeState>;

export const MeterCheckState = Type.Object({
  lastTime: Type.Number(),
  lastMeter: Type.Number(),
  lastHeads: Type.Number(),
  samples: Type.Number(),
  xx: Type.Number(),
  xy: Type.Number(),
  yy: Type.Number(),
  quietS: Type.Number(),
  /** A move from one steady state of heads and meter to the next: its start (null: too long ago) and the last values, kW. */
  move: Type.Optional(
    Type.Object({
      from: nullable(
        Type.Object({
          heads: Type.Number(),
          meter: Type.Number(),
          /** Each head, and the devices behind it where all are heard, kW. Absent: written by a version that did not keep them. */
          byHead: Type.Optional(Type.Record(Type.String(), Type.Number())),
          byDevices: Type.Optional(Type.Record(Type.String(), Type.Number())),
        }),
      ),
      heads: Type.Number(),
      meter: Type.Number(),
      restCycles: Type.Number(),
      movingS: Type.Number(),
    }),
  ),
  /** Last sample of each head, kW, and how much worse the samples fit if this head were reversed instead, kW². */
  heads: Type.Optional(Type.Record(Type.String(), Type.Object({ last: Type.Number(), misfit: Type.Number() }))),
  /** Heads each of which could be reversed instead of the meter, by all moves against it so far. */
  suspects: Type.Optional(Type.Array(Type.String())),
  finding: Type.Union([Type.Literal('none'), Type.Literal('dead'), Type.Literal('reversed')]),
});
export type MeterCheckState = Static<typeof MeterCheckState>;

/** Everything control remembers between cycles. It is persisted each second, so that a restart resumes it. */
export const ControlState = Type.Object({
  version: Type.Literal(1),
  /** Plant time of the cycle that produced it. */
  savedAt: Type.Number(),
  mode: FeederMode,
  /** Modes of feeders that differ from the gateway's, by guarded head. */
  feederModes: Type.Optional(Type.Record(Type.String(), FeederMode)),
  judged: Type.Optional(JudgedPlan),
  emergency: Type.Optional(Type.Array(EmergencyState, { maxItems: 40 })),
  stopped: Type.Object({ gateway: Type.Boolean(), devices: Type.Array(Type.String(), { maxItems: 1000 }) }),
  tagged: Type.Array(Type.String(), { maxItems: 1000 }),
  manual: Type.Array(ManualState, { maxItems: 1000 }),
  overrides: Type.Array(OverrideState, { maxItems: 1000 }),
  /** Time since the cloud's last heartbeat, s; huge if there was none. */
  heartbeatAgeS: Type.Number(),
  /** Epoch and sequence of the last applied settings. Absent: written by a version that did not record them. */
  settings: Type.Optional(Type.Object({ epoch: Type.Number(), sequence: Type.Number() })),
  /** The grid limit, and how long it has been in force, s. */
  gridLimit: nullable(Type.Object({ range: PowerRange, ageS: Type.Number(), schedule: Type.Optional(ShareSchedule) })),
  failsafe: FailsafeState,
  watch: WatchState,
  guard: GuardState,
  grid: GuardState,
  /** Set where the transformer is loaded by its hot spot. */
  thermal: Type.Optional(ThermalMemory),
  meterCheck: nullable(MeterCheckState),
  /** Meters that the cloud has found to read wrong. */
  liars: Type.Optional(Type.Record(Type.String(), Type.Union([Type.Literal('dead'), Type.Literal('reversed')]))),
  /** Configured sign and scales of each meter and device, by id. Absent: written by a version that did not keep them. */
  counts: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** When these were changed, plant time. Findings from before relate to another sign. */
  countsSince: Type.Optional(Type.Record(Type.String(), Type.Number())),
  /** The meters and devices among these that the cloud may still call reversed because it has not heard of the change. */
  unheardCounts: Type.Optional(Type.Array(Type.String())),
  /** Last setpoint of each device, signed kW and kvar. */
  told: Record(),
  toldKvar: Record(),
  /** Power of each device before guard or grid limit bounded it, kW. Absent: written by a version that did not keep it. */
  beforeReliefKw: Type.Optional(Type.Record(Type.String(), Type.Number())),
  /** Absent: written by a version that did not keep it. */
  lastSet: Type.Optional(Type.Record(Type.String(), LastSet)),
  /** Whether each device with minimum on and off times runs, and for how long. */
  runs: Type.Optional(Type.Record(Type.String(), RunState)),
  envelopes: Type.Record(Type.String(), PowerRange),
  /** Remaining random delay after a dead busbar, s. Null: the busbar is alive. */
  returnS: nullable(Type.Number()),
  /** The same for each device whose own terminal has or had no voltage. */
  returns: Type.Optional(Type.Record(Type.String(), Type.Number())),
});
export type ControlState = Static<typeof ControlState>;

function Record() {
  return Type.Record(Type.String(), nullable(Type.Number()));
}

export const NEVER_S = 1e9;

/** The mode of a device: its feeder's, else the gateway's. */
export const modeOf = (
  { mode, feederModes }: Pick<ControlState, 'mode' | 'feederModes'>,
  feeder: string | null,
): ControlState['mode'] => (feeder === null ? undefined : feederModes?.[feeder]) ?? mode;

/** Whether a device is commanded. In monitor its decisions are only displayed. */
export const actsOn = (state: Pick<ControlState, 'mode' | 'feederModes'>, feeder: string | null): boolean =>
  modeOf(state, feeder) !== 'monitor';

export const initialState = (mode: ControlState['mode'], time: number): ControlState => ({
  version: 1,
  savedAt: time,
  mode,
  stopped: { gateway: false, devices: [] },
  tagged: [],
  manual: [],
  overrides: [],
  heartbeatAgeS: NEVER_S,
  settings: { epoch: 0, sequence: 0 },
  gridLimit: null,
  failsafe: { active: true, heldS: 0, fromStart: true },
  watch: { planId: null, letGo: null, headOutS: {}, lostS: {} },
  guard: emptyGuardState(),
  grid: emptyGuardState(),
  meterCheck: null,
  told: {},
  toldKvar: {},
  envelopes: {},
  returnS: null,
});

/** After a longer stop of the gateway the transformer's temperature is unknown, s. */
const THERMAL_GAP_S = 60;
/** After a longer stop devices may have left their setpoints, s. Ramps then begin at the measured power. */
const SETPOINT_GAP_S = 10;

/** A clock this far behind the saved state was lost, not corrected, s. The length of the stop is then unknown. */
const LOST_CLOCK_S = 60;

/**
 * Resumes a state from before a restart. Times in seconds went on while the gateway was down. If the clock has gone back, for
 * example to 1970 at a boot without a battery, the length of the stop is unknown: protective timers then assume a long stop, and an
 * operator's act keeps its remaining time.
 */
export function resumed({ thermal, runs = {}, ...state }: ControlState, now: number): ControlState {
  const backMs = Math.max(0, state.savedAt - now);
  const clockLost = backMs > 1000 * LOST_CLOCK_S;
  const downS = clockLost ? NEVER_S : Math.max(0, (now - state.savedAt) / 1000);
  const goesOn = agedBy(clockLost ? 0 : downS);
  return {
    ...state,
    ...(thermal === undefined || downS > THERMAL_GAP_S ? {} : { thermal }),
    ...(downS > SETPOINT_GAP_S ? { told: {}, toldKvar: {}, beforeReliefKw: {} } : {}),
    guard: resumedGuard(state.guard, downS),
    grid: resumedGuard(state.grid, downS),
    manual: state.manual.map((each) => ({ ...each, expiresAt: each.expiresAt - backMs })),
    overrides: state.overrides.map(goesOn),
    ...(state.emergency === undefined ? {} : { emergency: state.emergency.map(goesOn) }),
    runs: Object.fromEntries(
      Object.entries(runs).map(([id, { on, forS }]) => [id, { on, forS: clockLost ? forS : forS + downS }]),
    ),
    heartbeatAgeS: Math.min(NEVER_S, state.heartbeatAgeS + downS),
    failsafe: {
      ...state.failsafe,
      aliveS: 0,
      heldS: clockLost ? state.failsafe.heldS : Math.min(NEVER_S, state.failsafe.heldS + downS),
    },
    gridLimit:
      state.gridLimit === null ? null : { ...state.gridLimit, ageS: Math.min(NEVER_S, state.gridLimit.ageS + downS) },
  };
}

/** Ages findings by the stop. Drops an interrupted check after a longer one: it would mistake load changes during the stop for relief. */
function resumedGuard({ checks, calm, findings, ...state }: GuardState, downS: number): GuardState {
  const isShort = downS <= SETPOINT_GAP_S;
  const left = (findings ?? [])
    .map((each) => ({ ...each, leftS: each.leftS - downS }))
    .filter(({ leftS }) => leftS > 0);
  return {
    ...state,
    ...(isShort && checks !== undefined ? { checks } : {}),
    ...(isShort && calm !== undefined ? { calm } : {}),
    ...(left.length === 0 ? {} : { findings: left }),
  };
}
