import { good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { OcppCall, OcppVersion } from './chargers.ts';
import type { SampledValue } from './meter-values.ts';

/**
 * An event of a charger, independent of its version. Connectors of 1.6 and EVSEs of 2.0.1 are both `connector`, from 1. `outlet` is one of
 * an EVSE's connectors, of which one at a time charges; absent: its first.
 */
export type ChargerEvent =
  | { readonly kind: 'boot'; readonly words: string }
  | {
      readonly kind: 'status';
      readonly connector: number;
      readonly outlet?: number | undefined;
      readonly occupied: boolean;
      readonly charging: boolean;
    }
  | {
      readonly kind: 'begun';
      readonly connector: number;
      readonly outlet?: number | undefined;
      readonly session: string;
    }
  | { readonly kind: 'ended'; readonly session: string; readonly connector: number | undefined }
  | {
      readonly kind: 'meter';
      /** Undefined: the session's connector. */
      readonly connector: number | undefined;
      readonly session: string | undefined;
      /** ms UTC; NaN if unreadable. */
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

/** Reads a checked message of a charger. */
export function takenOf<Value>(checked: Outcome<Value>, take: (value: Value) => Taken): Outcome<Taken> {
  return checked.ok ? good(take(checked.value)) : checked;
}

export interface About {
  /** Plant time, ms UTC; chargers set their clocks by it. */
  readonly now: number;
  /** Interval for the charger's heartbeats, s. */
  readonly heartbeatS: number;
  /** Returns a transaction number that is unique across restarts. */
  newSession(): number;
}

/** Facts that a charger reports about itself. */
export interface ChargerFacts {
  readonly connectors?: number;
  /** It accepts amperes only. */
  readonly amperesOnly?: boolean;
}

/** A limit in the charger's terms: per connector, W or A. */
export interface ProfileLimit {
  readonly unit: 'W' | 'A';
  readonly limit: number;
}

export interface SessionProfile extends ProfileLimit {
  readonly connector: number;
  /** Undefined: a session that began before the gateway started. */
  readonly session: string | undefined;
  /** Plant time at which it begins, ms UTC. */
  readonly from: number;
  readonly durationS: number;
}

export interface ProfileOptions {
  readonly purpose: 'TxDefaultProfile' | 'TxProfile';
  readonly limit: ProfileLimit;
  /** Absent: no end. */
  readonly profile?: SessionProfile;
}

/** One version of OCPP: translates its messages and requests. Pure. */
export interface Dialect {
  readonly version: OcppVersion;
  take(call: OcppCall, about: About): Outcome<Taken>;
  /** The first request to a connected charger; a refusal is no fault. */
  readonly facts: OcppCall;
  /** Further requests for its present state; they change nothing. */
  readonly triggers: readonly OcppCall[];
  /** Requests that write its configuration, where permitted. */
  configure(meterEveryS: number): readonly OcppCall[];
  /** Setting of the meter value interval, for people. */
  readonly meterSetting: string;
  learn(call: OcppCall, reply: unknown): ChargerFacts;
  /** The profile of every session without its own, per connector (connector 0: each connector by itself). */
  defaultProfile(limit: ProfileLimit): OcppCall;
  sessionProfile(profile: SessionProfile): OcppCall;
}

/** `status` of the answer to a profile; undefined if it has none. */
export function statusOf(reply: unknown): string | undefined {
  const status = (reply as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'string' ? status : undefined;
}

/** Parses a charger's timestamp, ms UTC; NaN if unreadable. */
export const timeOf = (text: string): number => Date.parse(text);

export const textOf = (time: number): string => new Date(time).toISOString();

export const DEFAULT_PROFILE = 1;
/** Profile id per connector, so that the next session's profile replaces the previous one. */
export const profileOf = (connector: number): number => 100 + connector;
