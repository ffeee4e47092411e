import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { Sample } from '../../../shared/contracts/sample.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import type { TopicName } from '../../../shared/topics/topics.ts';
import type { EstimateState } from '../../estimate/state.ts';
import type { Held } from './held.ts';

/** The newest estimated state of a substation; undefined before the first. */
export interface EstimateSource {
  state(substation: string): EstimateState | undefined;
}

/** The newest issued forecast of the uncontrolled load of `substation:owd` or `feeder:owd-1`. */
export interface ForecastSource {
  newest(target: string): Forecast | undefined;
}

/** Sessions of a charging site one by one, as of a time, ms UTC. */
export interface SessionsNow {
  readonly time: number;
  readonly sessions: readonly ChargingSession[];
}

/** The newest value of a device's metric, and whether its gateway reaches the device. */
export interface DeviceSource {
  latest(gateway: string, device: string, metric: string): Sample | undefined;
  /** Undefined: unknown. */
  link(gateway: string, device: string): 'up' | 'stale' | 'never' | undefined;
  /** A person's control over the device; undefined: it is left to the plan. Absent: nobody can take control. */
  held?(gateway: string, device: string): Held | undefined;
  /** The sessions at a site; undefined: never reported. */
  sessions(gateway: string, device: string): SessionsNow | undefined;
  /** By how many positions in total a device has moved since a time, ms UTC, by its own reports; undefined if unknown. */
  moves(gateway: string, device: string, metric: string, since: number): Promise<number | undefined>;
  /** The highest mean of a metric over the whole intervals since a time, ms UTC; undefined if unknown. */
  highestMean(
    gateway: string,
    device: string,
    metric: string,
    over: { readonly since: number; readonly resolutionS: number },
  ): Promise<number | undefined>;
}

/** Bytes of a model bundle by hash. */
export interface ModelSource {
  bytes(sha256: string): Promise<Uint8Array | undefined>;
}

/** Publishes on a line of the topic table. Resolves when the bytes are handed to the broker. */
export type Send = (gateway: string, topic: TopicName, payload: Uint8Array) => Promise<void>;

export type Report = (event: LoadstoneEvent) => void;
