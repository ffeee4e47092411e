import type { CommandView } from './command.ts';
import type { AlarmDeskView } from './alarm.ts';
import type { AreasView } from './areas.ts';
import type { EventKind, Severity } from './event.ts';
import type { Static } from 'typebox';
import type { FeederMode, Origin, Quality } from './ids.ts';
import type { HealthReport } from './report.ts';

/**
 * What the dashboard shows: answers of GET /v1/view/* and messages of the event stream GET /v1/stream (SSE).
 * Every value carries quality, origin and time; unknown is null, never zero.
 */
export interface ValueView {
  readonly value: number | null;
  readonly quality: Quality;
  readonly origin: Origin;
  /** Source time, ms UTC; null where there never was one. */
  readonly time: number | null;
  /** Standard error of an estimate, same unit. */
  readonly error?: number;
}

export interface MeterFindingView {
  readonly device: string;
  readonly finding: 'dead' | 'reversed' | 'gross-error' | 'stale' | 'wrong-switch';
  readonly since: number;
  readonly text: string;
}

/** One substation on the map and in the overview. */
export interface SubstationView {
  readonly id: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly gateway: string;
  readonly feeders: readonly string[];
  /** Net power of the transformer: measured, or estimated where its meter is not usable. */
  readonly activePowerKw: ValueView;
  readonly loadingPct: ValueView;
  readonly limits: { readonly importKw: number; readonly exportKw: number };
  readonly voltageMinPu: ValueView;
  readonly voltageMaxPu: ValueView;
  /** The narrowest of its buses; absent: EN 50160 holds. */
  readonly voltageLimits?: { readonly vMinPu: number; readonly vMaxPu: number };
  readonly forecastPeak: { readonly kw: number; readonly at: number } | null;
  readonly findings: readonly MeterFindingView[];
  readonly alarms: number;
  readonly link: LinkView;
  readonly planStatus: 'optimal' | 'holds-at-median' | 'least-violation' | 'envelopes-only' | 'none';
}

export interface LinkView {
  /** Cloud to gateway. */
  readonly state: 'up' | 'down' | 'never';
  readonly since: number | null;
  readonly lastFrame: number | null;
}

export interface BusView {
  readonly id: string;
  readonly voltagePu: ValueView;
  readonly x: number;
  readonly y: number;
  readonly vMinPu: number;
  readonly vMaxPu: number;
}

export interface BranchView {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly closed: boolean;
  readonly activePowerKw: ValueView;
  readonly loadingPct: ValueView;
}

export interface DeviceView {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bus: string;
  readonly activePowerKw: ValueView;
  readonly setpointKw: number | null;
  readonly source: string;
  readonly limitedBy: string | null;
  readonly socPct: ValueView | null;
  readonly link: 'up' | 'stale' | 'never';
}

/** The one-line diagram of a feeder. */
export interface FeederView {
  readonly id: string;
  readonly name: string;
  readonly substation: string;
  readonly mode: FeederMode;
  readonly time: number;
  readonly estimateFrom: string;
  readonly head: { readonly activePowerKw: ValueView; readonly loadingPct: ValueView };
  readonly tapPosition: ValueView;
  readonly buses: readonly BusView[];
  readonly branches: readonly BranchView[];
  readonly devices: readonly DeviceView[];
}

export interface GatewayView {
  readonly id: string;
  readonly substation: string;
  readonly link: LinkView;
  /** ms of plant time since the last live frame; null: never. */
  readonly freshnessMs: number | null;
  readonly ledger: { readonly storedFrames: number; readonly missingFrames: number; readonly refusedFrames: number };
  /** The gateway's own report; null until it has sent one. */
  readonly health: HealthReport | null;
  readonly healthAt: number | null;
}

export interface EventView {
  readonly id: number;
  readonly time: number;
  readonly source: string;
  readonly kind: Static<typeof EventKind>;
  readonly severity: Severity;
  readonly code: string;
  readonly text: string;
  readonly device: string | null;
  readonly subject: string | null;
  readonly active: boolean | null;
  /** The cloud's own, about the source; absent: the source has sent it. */
  readonly own?: boolean;
}

export interface ClockView {
  readonly plantTime: number;
  /** Speed asked for, and speed reached over the last seconds. */
  readonly speed: number;
  readonly speedReached: number;
  readonly simulated: boolean;
}

export interface RegionView {
  readonly id: string;
  readonly name: string;
  readonly clock: ClockView;
  readonly activePowerKw: ValueView;
  readonly limits: { readonly importKw: number; readonly exportKw: number };
  readonly substations: readonly SubstationView[];
}

/** Who is signed in at this page, and what it may do. */
export interface SessionView {
  readonly user: { readonly name: string; readonly roles: readonly string[]; readonly mustChange: boolean } | null;
  /** Without a user: what a guest may do; none where there are no guests. */
  readonly rights: readonly string[];
  /** To be sent as x-csrf-token with what changes something. */
  readonly csrf: string | null;
  /** Name of another provider to sign in by, where there is one. */
  readonly sso?: string;
  /** After signing out: where the browser goes to, so that the session ends at the other provider too. */
  readonly endSession?: string;
  /** A user of the demo who may be shown, over loopback. */
  readonly demo: { readonly name: string; readonly password: string } | null;
}

/** Messages of the stream: `event:` is the key, `data:` the JSON. A heartbeat comes each 5 s apart from data. */
export interface StreamMessages {
  readonly heartbeat: { readonly serverTime: number };
  /** What the reader may do has changed. */
  readonly session: { readonly rights: readonly string[] };
  readonly region: RegionView;
  readonly feeder: FeederView;
  readonly gateways: readonly GatewayView[];
  readonly event: EventView;
  readonly alarms: AlarmDeskView;
  readonly areas: AreasView;
  readonly forecast: { readonly target: string; readonly id: string };
  readonly plan: { readonly substation: string; readonly id: string };
  readonly command: CommandView;
}
