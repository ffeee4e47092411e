import { Type, type Static } from 'typebox';
import { CommandBody, Setpoint } from './document.ts';
import { FeederMode } from './ids.ts';
import type { Immutable } from './immutable.ts';
import { DocumentStage } from './report.ts';

/** Power in kW and kvar, load convention. A limit is a magnitude in the direction of the device. */
export const SetpointWish = Setpoint;
export type SetpointWish = Static<typeof SetpointWish>;

export const CommandState = Type.Union([
  Type.Literal('sent'),
  Type.Literal('accepted'),
  Type.Literal('applied'),
  Type.Literal('verified'),
  Type.Literal('refused'),
  Type.Literal('unanswered'),
  Type.Literal('completed'),
  Type.Literal('superseded'),
]);
export type CommandState = Immutable<Static<typeof CommandState>>;

/** A command and its stages so far. Times are plant time, ms UTC. */
export const CommandView = Type.Object(
  {
    id: Type.String(),
    kind: CommandBody.properties.kind,
    /** `device:owd-01/battery-1`, `feeder:owd-1`, `substation:owd` or `region:north` */
    target: Type.String(),
    gateway: Type.String(),
    device: Type.Union([Type.String(), Type.Null()]),
    setpoint: Type.Union([SetpointWish, Type.Null()]),
    /** Only for the kind `mode`. */
    mode: Type.Optional(FeederMode),
    user: Type.String(),
    approver: Type.Union([Type.String(), Type.Null()]),
    reason: Type.String(),
    /** Active power of the device when the command was given, kW; null if the command names no device or the power was unknown. */
    measuredKw: Type.Union([Type.Number(), Type.Null()]),
    issuedAt: Type.Number(),
    expiresAt: Type.Number(),
    state: CommandState,
    stages: Type.Array(
      Type.Object({
        stage: DocumentStage,
        time: Type.Number(),
        code: Type.Union([Type.String(), Type.Null()]),
        detail: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
  },
  { title: 'CommandView' },
);
export type CommandView = Immutable<Static<typeof CommandView>>;
