import { Type, type Static } from 'typebox';
import { Coverage } from './coverage.ts';
import { DuelDay } from './duel-day.ts';
import { Count, Epoch, FeederMode, Id, Sequence, TimeMs } from './ids.ts';

/** The outcome of a plan, command, model or settings document. */
export const DocumentStage = Type.Union([
  Type.Literal('received'),
  Type.Literal('accepted'),
  Type.Literal('clamped'),
  Type.Literal('rejected'),
  Type.Literal('applied'),
  Type.Literal('verified'),
  Type.Literal('completed'),
  Type.Literal('superseded'),
  Type.Literal('expired'),
  Type.Literal('assumption-failed'),
]);
export type DocumentStage = Static<typeof DocumentStage>;

/** Payload of loadstone/v1/<gateway>/reported/{plan,model} and /command/result. */
export const DocumentReport = Type.Object({
  version: Type.Literal(1),
  type: Type.String({ maxLength: 40 }),
  /** id of plan, model or command. */
  id: Type.String({ maxLength: 300 }),
  epoch: Epoch,
  sequence: Sequence,
  stage: DocumentStage,
  time: TimeMs,
  code: Type.Optional(Type.String({ maxLength: 40 })),
  detail: Type.Optional(Type.String()),
});
export type DocumentReport = Static<typeof DocumentReport>;

/** Which authority a device follows now. */
export const TargetSource = Type.Union([
  Type.Literal('local-manual'),
  Type.Literal('override'),
  Type.Literal('cloud-plan'),
  Type.Literal('own-plan'),
  Type.Literal('safe-default'),
  Type.Literal('none'),
]);
export type TargetSource = Static<typeof TargetSource>;

/** Who set what a device goes on with, and when, plant time. `guard`: it was held off by a limit then. */
export const LastSet = Type.Object({
  source: Type.Union([TargetSource, Type.Literal('guard')]),
  /** Of an override, and of a setpoint at the site. */
  by: Type.Optional(Type.String({ maxLength: 64 })),
  at: TimeMs,
});
export type LastSet = Static<typeof LastSet>;

export const DeviceHealth = Type.Object({
  device: Id,
  /** Link of gateway to device: its own light, apart from the others. */
  link: Type.Union([Type.Literal('up'), Type.Literal('stale'), Type.Literal('never')]),
  lastSeen: Type.Union([TimeMs, Type.Null()]),
  source: TargetSource,
  /** Setpoint in force, after limits. */
  setpointKw: Type.Union([Type.Number(), Type.Null()]),
  /** What was wished before limits. */
  wishedKw: Type.Union([Type.Number(), Type.Null()]),
  limitedBy: Type.Union([Type.String(), Type.Null()]),
  /** Operating envelope in force, and whose it is: the plan's id, or `default`. */
  envelope: Type.Optional(Type.Object({ minKw: Type.Number(), maxKw: Type.Number(), by: Type.String() })),
  /** Mode of its feeder; absent: of the gateway. */
  mode: Type.Optional(FeederMode),
  stopped: Type.Optional(Type.Boolean()),
  tagged: Type.Optional(Type.Boolean()),
  /** Who requested it and which limit changed it, in words. */
  reason: Type.Optional(Type.String({ maxLength: 300 })),
  /** It is told nothing, and goes on as it was told last. Absent: it is told, does something else, or its software is of before that. */
  lastSet: Type.Optional(LastSet),
});
export type DeviceHealth = Static<typeof DeviceHealth>;

/** Payload of loadstone/v1/<gateway>/reported/health, each 5 s of machine time, and at once on a change of state. */
export const HealthReport = Type.Object({
  version: Type.Literal(1),
  /** Plant time. */
  time: TimeMs,
  software: Type.String(),
  /** It takes the command `select`, and an override that confirms one; absent: its software is of before that. */
  selects: Type.Optional(Type.Boolean()),
  /** It takes the command `cancel`; absent: its software is of before that, and a selection that is given up lapses there. */
  cancels: Type.Optional(Type.Boolean()),
  mode: FeederMode,
  stopped: Type.Boolean(),
  /** Elements whose power limits are raised to their emergency values. */
  emergency: Type.Optional(Type.Array(Type.Object({ element: Type.String(), expiresAt: TimeMs }), { maxItems: 40 })),
  /** What an operator has said of a plan. */
  judged: Type.Optional(
    Type.Object({ plan: Type.String(), verdict: Type.Union([Type.Literal('approved'), Type.Literal('refused')]) }),
  ),
  /** Rung of the ladder: plan, own-plan, autonomous, fail-safe. */
  rung: Type.Union([
    Type.Literal('plan'),
    Type.Literal('own-plan'),
    Type.Literal('autonomous'),
    Type.Literal('fail-safe'),
  ]),
  /** The heartbeat is back in the fail-safe. It ends with a limit from the cloud. */
  awaitsGridLimit: Type.Optional(Type.Boolean()),
  cycle: Type.Object({
    periodMs: Type.Number(),
    count: Count,
    overruns: Count,
    lateP99Ms: Type.Number(),
  }),
  guard: Type.Object({
    active: Type.Boolean(),
    reliefKw: Type.Number(),
    element: Type.Union([Type.String(), Type.Null()]),
    /** Plant time of the last intervention. */
    since: Type.Union([TimeMs, Type.Null()]),
  }),
  journal: Type.Object({
    backlogFrames: Count,
    backlogOldest: Type.Union([TimeMs, Type.Null()]),
    bytes: Count,
    droppedFrames: Count,
    lostFrames: Count,
    writable: Type.Boolean(),
  }),
  /** Number of the settings that it follows; absent: its software is of before that. */
  settings: Type.Optional(Type.Object({ epoch: Epoch, sequence: Sequence })),
  /**
   * When sign or scale of a meter or device was last set otherwise, by its id: what was found of it before holds no more. Absent: never, or
   * its software is of before that.
   */
  countsSince: Type.Optional(Type.Record(Id, TimeMs)),
  /** What the uplink has used of the month's data budget; `thinning` above 1: values are reported later and by larger steps. */
  dataBudget: Type.Optional(
    Type.Object({
      month: Type.String({ maxLength: 7 }),
      usedMb: Type.Number(),
      mbPerMonth: Type.Number(),
      thinning: Type.Number(),
      /** MB by what used them, the most first. */
      uses: Type.Optional(
        Type.Array(Type.Object({ kind: Type.String({ maxLength: 40 }), mb: Type.Number() }), { maxItems: 20 }),
      ),
    }),
  ),
  plan: Type.Object({
    id: Type.Union([Type.String(), Type.Null()]),
    epoch: Epoch,
    sequence: Sequence,
    validUntil: Type.Union([TimeMs, Type.Null()]),
    inForce: Type.Boolean(),
  }),
  model: Type.Object({
    id: Type.Union([Type.String(), Type.Null()]),
    state: Type.Union([
      Type.Literal('none'),
      Type.Literal('fetching'),
      Type.Literal('active'),
      Type.Literal('set-aside'),
      Type.Literal('refused'),
    ]),
    inferenceMs: Type.Union([Type.Number(), Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    /** The shadow model. Absent: there is none. */
    beside: Type.Optional(
      Type.Object({
        id: Type.String(),
        /** Why it cannot run here. */
        refused: Type.Union([Type.String(), Type.Null()]),
        /** Mean pinball losses of both over the same `n` recent targets, and the standard error of their difference, kW. */
        n: Count,
        answeringKw: Type.Number(),
        besideKw: Type.Number(),
        standardErrorKw: Type.Number(),
        /** How many of its targets lay between its P10 and P90, and blocks of 6 h that they lie in; absent: not counted. */
        coverage: Type.Optional(Coverage),
        /** The last whole days of targets; absent: its software is of before that, or there are none yet. */
        days: Type.Optional(Type.Array(DuelDay, { maxItems: 10 })),
      }),
    ),
  }),
  /** Peak of the local forecast's P50 within its horizon, and when. */
  localForecast: Type.Union([
    Type.Object({ issuedAt: TimeMs, by: Type.String(), peakKw: Type.Number(), peakAt: TimeMs }),
    Type.Null(),
  ]),
  clock: Type.Object({
    quality: Type.Union([Type.Literal('good'), Type.Literal('uncertain')]),
    offsetMs: Type.Number(),
  }),
  devices: Type.Array(DeviceHealth, { maxItems: 1000 }),
});
export type HealthReport = Static<typeof HealthReport>;

const COVERED = '^(measurements|events) \\d{1,15} (-1|\\d{1,16})( \\d{1,16} \\d{1,16}){0,32}$';

/** Payload of loadstone/v1/<gateway>/heartbeat. Limits that only the cloud knows hold while it comes. */
export const Heartbeat = Type.Object({
  version: Type.Literal(1),
  time: TimeMs,
  epoch: Epoch,
  /** Beside plain JSON, how the cloud reads reports. Absent: as told before, where it is signed; else its software is of before that. */
  reads: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 })),
  /**
   * What is accounted for since the heartbeat before, each as `stream run upTo`, then the first and last of each range above it. Absent: the
   * cloud is of a version that signs none of it.
   */
  covered: Type.Optional(Type.Array(Type.String({ pattern: COVERED, maxLength: 1200 }), { maxItems: 16 })),
  /** For a gateway whose birth asks for it: its first digits, a dot, and the signature of gateway, nonce, time and `covered`. */
  signed: Type.Optional(Type.String({ maxLength: 200 })),
});
export type Heartbeat = Static<typeof Heartbeat>;
