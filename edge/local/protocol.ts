import { Type, type Static } from 'typebox';
import { FeederMode, Id } from '../../shared/contracts/ids.ts';
import { checker } from '../../shared/contracts/validate.ts';

const closed = { additionalProperties: false } as const;
const Reason = Type.String({ minLength: 1, maxLength: 300 });

/** Requests of a person at the site to the running daemon, one JSON line each. */
export const LocalRequest = Type.Union([
  Type.Object({ op: Type.Literal('status') }, closed),
  Type.Object({ op: Type.Literal('check') }, closed),
  Type.Object({ op: Type.Literal('mode'), mode: FeederMode, reason: Reason }, closed),
  Type.Object({ op: Type.Literal('stop'), device: Type.Optional(Id), reason: Reason }, closed),
  Type.Object({ op: Type.Literal('resume'), device: Type.Optional(Id), reason: Reason }, closed),
  Type.Object({ op: Type.Literal('tag'), device: Id, reason: Reason }, closed),
  Type.Object({ op: Type.Literal('untag'), device: Id, reason: Reason }, closed),
  Type.Object(
    {
      op: Type.Literal('manual'),
      on: Type.Boolean(),
      device: Type.Optional(Id),
      /** Absent: the device is left alone, except by the guard. */
      setpoint: Type.Optional(
        Type.Object(
          {
            activePowerKw: Type.Optional(Type.Number()),
            reactivePowerKvar: Type.Optional(Type.Number()),
            activePowerLimitKw: Type.Optional(Type.Number({ minimum: 0 })),
            voltageTargetPu: Type.Optional(Type.Number({ minimum: 0.8, maximum: 1.2 })),
            capacitorStep: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
          },
          closed,
        ),
      ),
      forS: Type.Number({ exclusiveMinimum: 0, maximum: 7 * 86_400 }),
      reason: Reason,
    },
    closed,
  ),
]);
export type LocalRequest = Static<typeof LocalRequest>;

export const checkLocalRequest = checker(LocalRequest, 'LS-API-001');

export interface DeviceStatus {
  readonly device: string;
  readonly type: string;
  readonly link: 'up' | 'stale' | 'never';
  readonly activePowerKw: number | null;
  readonly voltagePu: number | null;
  readonly socPct: number | null;
  readonly setpointKw: number | null;
  readonly limitedBy: string | null;
  /** Source of the setpoint, and the reason. */
  readonly source: string;
  readonly reason: string;
  readonly envelope: { readonly minKw: number; readonly maxKw: number } | null;
  /** What keeps it from being commanded, including its feeder's mode; absent: nothing. */
  readonly bar?: 'tagged' | 'no-authority' | 'stopped' | 'monitor';
  /** What must happen before it can report; absent for a device that is polled. */
  readonly awaits?: string;
  readonly refused: number;
  /** Setpoints that it did not take. */
  readonly unsent: number;
  readonly lastRefusal: string | null;
  /** Finding about its meter. The power shown is the value that control uses, not the reading. */
  readonly finding?: 'dead' | 'reversed';
}

export interface GatewayStatus {
  readonly gateway: string;
  readonly software: string;
  /** What it lacks for full service; empty: nothing. */
  readonly lacks: readonly string[];
  readonly plantTime: number;
  /** How far its clock can be trusted, and how far it is ahead of the cloud's, ms. */
  readonly clock: { readonly quality: 'good' | 'uncertain'; readonly offsetMs: number };
  readonly speed: number;
  readonly link: 'up' | 'down';
  /** Why the uplink is down, with its remedy; null if unknown. */
  readonly trouble: string | null;
  readonly mode: string;
  readonly stopped: boolean;
  readonly manual: boolean;
  readonly rung: string;
  readonly plan: string | null;
  readonly backlogFrames: number;
  readonly journalWritable: boolean;
  /** What the uplink has used of the monthly data budget; `thinning` above 1: values are reported later and in larger steps. */
  readonly dataBudget: {
    readonly month: string;
    readonly usedMb: number;
    readonly mbPerMonth: number;
    readonly thinning: number;
    /** MB by kind of traffic, largest first. */
    readonly uses: readonly { readonly kind: string; readonly mb: number }[];
  };
  readonly cycle: {
    readonly periodMs: number;
    readonly count: number;
    readonly overruns: number;
    readonly lateP99Ms: number;
  };
  readonly guard: { readonly active: boolean; readonly reliefKw: number; readonly element: string | null };
  readonly elements: readonly DeviceStatus[];
  readonly devices: readonly DeviceStatus[];
  readonly alarms: readonly string[];
}

export type LocalAnswer =
  | { readonly ok: true; readonly status: GatewayStatus }
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: string; readonly text: string };
