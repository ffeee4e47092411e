import type { CommandBody } from './document.ts';
import type { DocumentStage } from './report.ts';

/** Powers in kW and kvar, load convention; a limit is a magnitude in the direction of the device. */
export type SetpointWish = NonNullable<CommandBody['setpoint']>;

export type CommandState =
  | 'sent'
  | 'accepted'
  | 'applied'
  | 'verified'
  | 'refused'
  | 'unanswered'
  | 'completed'
  | 'superseded';

/** A command and its way so far. Times are plant time, ms UTC. */
export interface CommandView {
  readonly id: string;
  readonly kind: CommandBody['kind'];
  /** `device:owd-01/battery-1`, `feeder:owd-1`, `substation:owd` or `region:north` */
  readonly target: string;
  readonly gateway: string;
  readonly device: string | null;
  readonly setpoint: SetpointWish | null;
  readonly user: string;
  readonly approver: string | null;
  readonly reason: string;
  /** What its device did when it was given, kW; null: it names none, or that was not known. */
  readonly measuredKw: number | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly state: CommandState;
  readonly stages: readonly {
    readonly stage: DocumentStage;
    readonly time: number;
    readonly code: string | null;
    readonly detail: string | null;
  }[];
}
