import { Type, type Static } from 'typebox';
import { Coverage } from './coverage.ts';
import { DuelDay } from './duel-day.ts';
import { Count, Epoch, FeederMode, Id, Sequence, TimeMs } from './ids.ts';

/** Stage of a plan, command, model or settings document. */
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
  /** id of the plan, model or command. */
  id: Type.String({ maxLength: 300 }),
  epoch: Epoch,
  sequence: Sequence,
  stage: DocumentStage,
  time: TimeMs,
  code: Type.Optional(Type.String({ maxLength: 40 })),
  detail: Type.Optional(Type.String()),
});
export type DocumentReport = Static<typeof DocumentReport>;

/** The authority that a device follows now. */
export const TargetSource = Type.Union([
  Type.Literal('local-manual'),
  Type.Literal('override'),
  Type.Literal('cloud-plan'),
  Type.Literal('own-plan'),
  Type.Literal('safe-default'),
  Type.Literal('none'),
]);
export type TargetSource = Static<typeof TargetSource>;

/** Source of the setpoint that a device continues with, and its plant time. `guard`: a limit restrained the device then. */
export const LastSet = Type.Object({
  source: Type.Union([TargetSource, Type.Literal('guard')]),
  /** Person, for an override or a setpoint made on site. */
  by: Type.Optional(Type.String({ maxLength: 64 })),
  at: TimeMs,
});
export type LastSet = Static<typeof LastSet>;

export const DeviceHealth = Type.Object({
  device: Id,
  /** Link from gateway to device, independent of the other links. */
  link: Type.Union([Type.Literal('up'), Type.Literal('stale'), Type.Literal('never')]),
  lastSeen: Type.Union([TimeMs, Type.Null()]),
  source: TargetSource,
  /** Setpoint in force, after limits. */
  setpointKw: Type.Union([Type.Number(), Type.Null()]),
  /** Wish before limits. */
  wishedKw: Type.Union([Type.Number(), Type.Null()]),
  limitedBy: Type.Union([Type.String(), Type.Null()]),
  /**
   * kW that guard and grid limit take from what the device would give or take now. Absent: the software predates it, and the relief is at
   * most the distance from wish to setpoint.
   */
  reliefKw: Type.Optional(Type.Number()),
  /** Operating envelope in force. `by` is the plan's id, or `default`. */
  envelope: Type.Optional(Type.Object({ minKw: Type.Number(), maxKw: Type.Number(), by: Type.String() })),
  /** Mode of its feeder. Absent: the mode of the gateway. */
  mode: Type.Optional(FeederMode),
  stopped: Type.Optional(Type.Boolean()),
  tagged: Type.Optional(Type.Boolean()),
  /** Who requested it and which limit changed it, in words. */
  reason: Type.Optional(Type.String({ maxLength: 300 })),
  /**
   * Present if nothing commands the device and it continues with its last setpoint. Absent: it is commanded, does something else, or its
   * software predates the field.
   */
  lastSet: Type.Optional(LastSet),
});
export type DeviceHealth = Static<typeof DeviceHealth>;

/** Payload of loadstone/v1/<gateway>/reported/health, every 5 s of machine time, and at once on a change of state. */
export const HealthReport = Type.Object({
  version: Type.Literal(1),
  /** Plant time. */
  time: TimeMs,
  software: Type.String(),
  /** The gateway takes the command `select` and an override that confirms one. Absent: its software predates it. */
  selects: Type.Optional(Type.Boolean()),
  /** The gateway takes the command `cancel`. Absent: its software predates it, and an abandoned selection expires there. */
  cancels: Type.Optional(Type.Boolean()),
  mode: FeederMode,
  stopped: Type.Boolean(),
  /** Elements whose power limits are raised to their emergency values. */
  emergency: Type.Optional(Type.Array(Type.Object({ element: Type.String(), expiresAt: TimeMs }), { maxItems: 40 })),
  /** An operator's verdict on a plan. */
  judged: Type.Optional(
    Type.Object({ plan: Type.String(), verdict: Type.Union([Type.Literal('approved'), Type.Literal('refused')]) }),
  ),
  /** Rung of the fallback ladder: plan, own-plan, autonomous, fail-safe. */
  rung: Type.Union([
    Type.Literal('plan'),
    Type.Literal('own-plan'),
    Type.Literal('autonomous'),
    Type.Literal('fail-safe'),
  ]),
  /** The heartbeat has returned while the gateway is in the fail-safe. The fail-safe ends with a limit from the cloud. */
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
  /** Number of the settings in force. Absent: the software predates it. */
  settings: Type.Optional(Type.Object({ epoch: Epoch, sequence: Sequence })),
  /**
   * When the sign or scale of a meter or device was last changed, by id. Earlier findings about it no longer apply. Absent: never, or the
   * software predates it.
   */
  countsSince: Type.Optional(Type.Record(Id, TimeMs)),
  /** The uplink's use of the month's data budget. `thinning` above 1: values are reported later and in larger steps. */
  dataBudget: Type.Optional(
    Type.Object({
      month: Type.String({ maxLength: 7 }),
      usedMb: Type.Number(),
      mbPerMonth: Type.Number(),
      thinning: Type.Number(),
      /** MB by purpose, largest first. */
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
        /** Why it cannot run here; null if it can. */
        refused: Type.Union([Type.String(), Type.Null()]),
        /** Mean pinball losses of both models over the same `n` recent targets, and the standard error of their difference, kW. */
        n: Count,
        answeringKw: Type.Number(),
        besideKw: Type.Number(),
        standardErrorKw: Type.Number(),
        /**
         * How many of its targets lay between its P10 and P90, and the number of 6 h blocks that the targets span. Absent if not counted.
         */
        coverage: Type.Optional(Coverage),
        /** The last complete days of targets. Absent: the software predates it, or there are none yet. */
        days: Type.Optional(Type.Array(DuelDay, { maxItems: 10 })),
      }),
    ),
  }),
  /** Peak of the local forecast's P50 within its horizon, and its time. */
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

/** Payload of loadstone/v1/<gateway>/heartbeat. Limits that only the cloud knows hold while it arrives. */
export const Heartbeat = Type.Object({
  version: Type.Literal(1),
  time: TimeMs,
  epoch: Epoch,
  /**
   * Encodings of reports that the cloud reads besides plain JSON. Absent: unchanged if the heartbeat is signed; otherwise its software
   * predates the field.
   */
  reads: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 })),
  /**
   * What has been accounted for since the previous heartbeat, each as `stream run upTo`, then the first and last offset of each range above
   * it. Absent: the cloud's version does not sign it.
   */
  covered: Type.Optional(Type.Array(Type.String({ pattern: COVERED, maxLength: 1200 }), { maxItems: 16 })),
  /**
   * For a gateway whose birth requests it: the first digits of the nonce, a dot, and the signature over gateway, nonce, time and `covered`.
   */
  signed: Type.Optional(Type.String({ maxLength: 200 })),
});
export type Heartbeat = Static<typeof Heartbeat>;
