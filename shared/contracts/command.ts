import { Type, type Static } from 'typebox';
import { CommandBody, Setpoint } from './document.ts';
import { FeederMode } from './ids.ts';
import type { Immutable } from './immutable.ts';
import { DocumentStage } from './report.ts';

/** Powers in kW and kvar, load convention; a limit is a magnitude in the direction of the device. */
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

/** A command and its way so far. Times are plant time, ms UTC. */
export const CommandView = Type.Object(
  {
    id: Type.String(),
    kind: CommandBody.properties.kind,
    /** `device:owd-01/battery-1`, `feeder:owd-1`, `substation:owd` or `region:north` */
    target: Type.String(),
    gateway: Type.String(),
    device: Type.Union([Type.String(), Type.Null()]),
    setpoint: Type.Union([SetpointWish, Type.Null()]),
    /** Of the kind `mode`. */
    mode: Type.Optional(FeederMode),
    user: Type.String(),
    approver: Type.Union([Type.String(), Type.Null()]),
    reason: Type.String(),
    /** What its device did when it was given, kW; null: it names none, or that was not known. */
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
