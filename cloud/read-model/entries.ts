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
  /** Plant seconds per machine second: asked for, and reached. */
  readonly speed: number;
  readonly speedReached: number;
  readonly simulated: boolean;
}

/** What became of a gateway's frames so far, in numbers of frames. */
export interface LedgerCounts {
  readonly storedFrames: number;
  readonly missingFrames: number;
  readonly refusedFrames: number;
}

/** Metrics of a device that are looked at live; all others are read from the store. */
export const SHOWN_METRICS = ['activePowerKw', 'socPct'] as const;

/** What is in force now, by kind. An entry stands under the key that its kind names; undefined: there is none any more. */
export interface Entries {
  /** Under `gateway/device`: the newest value of each metric that is shown. */
  readonly live: Readonly<Record<string, LiveSample>>;
  /** Under the substation. */
  readonly estimate: EstimateState;
  readonly findings: readonly MeterFinding[];
  readonly plan: PlanView;
  /** Under the target. */
  readonly forecast: Forecast;
  /** Under the gateway. */
  readonly link: LinkView;
  readonly health: Heard;
  readonly alarmCount: number;
  readonly ledger: LedgerCounts;
  /** Of the whole region: under the empty key. */
  readonly alarms: AlarmDeskView;
  readonly areas: AreasView;
  readonly overrides: readonly CommandView[];
  /** Who may come in, without passwords. */
  readonly people: Accounts;
  readonly presence: Presence;
  readonly pace: Pace;
  /** The line that plant time follows beside a simulated plant. */
  readonly timeLine: TimeLine;
}

export type Kind = keyof Entries;

export type Change = {
  readonly [Each in Kind]: { readonly kind: Each; readonly key: string; readonly value: Entries[Each] | undefined };
}[Kind];
