import type { Outcome } from '../../../shared/outcome/outcome.ts';
import type { OcppCall, OcppVersion } from './chargers.ts';
import type { SampledValue } from './meter-values.ts';

/** What a charger has told, whatever its version. Connectors of 1.6 and EVSEs of 2.0.1 are both `connector`, from 1. */
export type ChargerEvent =
  | { readonly kind: 'boot'; readonly words: string }
  | { readonly kind: 'status'; readonly connector: number; readonly occupied: boolean; readonly charging: boolean }
  | { readonly kind: 'begun'; readonly connector: number; readonly session: string }
  | { readonly kind: 'ended'; readonly session: string; readonly connector: number | undefined }
  | {
      readonly kind: 'meter';
      /** Undefined: that of the session. */
      readonly connector: number | undefined;
      readonly session: string | undefined;
      /** ms UTC; NaN where it cannot be read. */
      readonly time: number;
      readonly samples: readonly SampledValue[];
    }
  | {
      readonly kind: 'needs';
      readonly connector: number;
      readonly energyKwh: number | undefined;
      readonly departure: number | undefined;
    };

export interface Taken {
  readonly reply: object;
  readonly events: readonly ChargerEvent[];
}

export interface About {
  /** Plant time, ms UTC: chargers set their clocks by it. */
  readonly now: number;
  /** The charger is to send a heartbeat this often, s. */
  readonly heartbeatS: number;
  /** Number for a transaction that begins, unique over restarts. */
  newSession(): number;
}

/** What a charger has said of itself when it was asked. */
export interface ChargerFacts {
  readonly connectors?: number;
  /** It takes amperes only. */
  readonly amperesOnly?: boolean;
}

/** A limit as a charger takes it: per connector, W or A. */
export interface ProfileLimit {
  readonly unit: 'W' | 'A';
  readonly limit: number;
}

export interface SessionProfile extends ProfileLimit {
  readonly connector: number;
  /** Undefined: a session that began before the gateway did. */
  readonly session: string | undefined;
  /** Plant time at which it begins, ms UTC. */
  readonly from: number;
  readonly durationS: number;
}

/** One version of OCPP: translates its messages and requests. Pure. */
export interface Dialect {
  readonly version: OcppVersion;
  take(call: OcppCall, about: About): Outcome<Taken>;
  /** Asked first of a charger that has connected; what it refuses is no fault. */
  readonly facts: OcppCall;
  /** Asked of it then, so that it tells how it stands; nothing of it is changed. */
  readonly triggers: readonly OcppCall[];
  /** Its configuration, written where it may be. */
  configure(meterEveryS: number): readonly OcppCall[];
  /** Where a person sets how often it sends meter values. */
  readonly meterSetting: string;
  learn(call: OcppCall, reply: unknown): ChargerFacts;
  /** The profile of every session without one of its own, for each connector (connector 0: all of them, each by itself). */
  defaultProfile(limit: ProfileLimit): OcppCall;
  sessionProfile(profile: SessionProfile): OcppCall;
}

/** `status` of an answer to a profile; undefined where it has none. */
export function statusOf(reply: unknown): string | undefined {
  const status = (reply as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'string' ? status : undefined;
}

/** A time as a charger writes it, ms UTC; NaN where it cannot be read. */
export const timeOf = (text: string): number => Date.parse(text);

export const textOf = (time: number): string => new Date(time).toISOString();

export const DEFAULT_PROFILE = 1;
/** A session's profile is that of its connector: the next one takes its place. */
export const profileOf = (connector: number): number => 100 + connector;
