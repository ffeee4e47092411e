import type { AlarmDeskView } from '../../shared/contracts/alarm.ts';
import type { AreasView } from '../../shared/contracts/areas.ts';
import type { CommandView } from '../../shared/contracts/command.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import type { LinkView } from '../../shared/contracts/view.ts';
import type { TimeLine } from '../../shared/time/timeline-clock.ts';
import type { Accounts, Presence } from '../access/people-store.ts';
import type { EstimateState, MeterFinding } from '../estimate/state.ts';
import type { Heard } from '../gateways/gateway-book.ts';
import type { PlanView } from '../../shared/contracts/plan.ts';
import type { LiveSample } from '../telemetry/live.ts';

export interface Pace {
  /** Requested and reached speed, in plant seconds per machine second. */
  readonly speed: number;
  readonly speedReached: number;
  readonly simulated: boolean;
}

/** Numbers of a gateway's frames by outcome so far. */
export interface LedgerCounts {
  readonly storedFrames: number;
  readonly missingFrames: number;
  readonly refusedFrames: number;
}

/** Metrics of a device that views show live; the store serves all others. */
export const SHOWN_METRICS = ['activePowerKw', 'socPct'] as const;

/** The current state by kind. Each entry is keyed as its kind says; undefined removes it. */
export interface Entries {
  /** Keyed by `gateway/device`: the newest value of each shown metric. */
  readonly live: Readonly<Record<string, LiveSample>>;
  /** Keyed by substation. */
  readonly estimate: EstimateState;
  readonly findings: readonly MeterFinding[];
  readonly plan: PlanView;
  /** Keyed by target. */
  readonly forecast: Forecast;
  /** Keyed by gateway. */
  readonly link: LinkView;
  readonly health: Heard;
  readonly alarmCount: number;
  readonly ledger: LedgerCounts;
  /** For the whole region, under the empty key. */
  readonly alarms: AlarmDeskView;
  readonly areas: AreasView;
  readonly overrides: readonly CommandView[];
  /** Accounts without passwords. */
  readonly people: Accounts;
  readonly presence: Presence;
  readonly pace: Pace;
  /** How plant time follows the simulated plant. */
  readonly timeLine: TimeLine;
}

export type Kind = keyof Entries;

export type Change = {
  readonly [Each in Kind]: { readonly kind: Each; readonly key: string; readonly value: Entries[Each] | undefined };
}[Kind];
