/** 1 highest, 3 lowest (ISA-18.2). */
export type AlarmPriority = 1 | 2 | 3;

/**
 * States of ISA-18.2 / IEC 62682. `returned`: the condition has gone, and nobody has seen that it was there. `suppressed`: by
 * design, because a parent stands that explains it.
 */
export type AlarmState =
  | 'normal'
  | 'unacknowledged'
  | 'acknowledged'
  | 'returned'
  | 'shelved'
  | 'suppressed'
  | 'out-of-service';

/** What somebody did to an alarm; times in ms UTC of plant time. */
export interface AlarmAct {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
}

/** One alarm as the desk shows it. */
export interface AlarmView {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly device: string | null;
  readonly subject: string | null;
  readonly text: string;
  readonly priority: AlarmPriority;
  readonly state: AlarmState;
  /** Whether its condition holds. */
  readonly active: boolean;
  readonly raisedAt: number | null;
  readonly returnedAt: number | null;
  readonly acknowledged: AlarmAct | null;
  readonly shelved: (AlarmAct & { readonly until: number }) | null;
  readonly outOfService: AlarmAct | null;
  /** Id of the parent that explains it. */
  readonly suppressedBy: number | null;
  /** How many others it explains now. */
  readonly suppresses: number;
  /** The first of its source in a burst that nobody has acknowledged yet. */
  readonly firstOut: boolean;
  readonly occurrences: number;
  /** The latest time to respond; null where nobody has to any more. */
  readonly respondBy: number | null;
  /** What it stands on, for rights and areas: `feeder:owd-1`, `substation:owd`, `region:north`. */
  readonly target: string;
  /** Path of the screen with the control that mends it. */
  readonly control: string;
}

/** What every operator of a code needs to know: the alarm was rationalised. */
export interface AlarmRuleView {
  readonly code: string;
  readonly name: string;
  readonly cause: string;
  readonly consequence: string;
  readonly action: string;
  readonly respondWithinS: number;
}

/** The state of the desk's alarms: what the banner and the list show, and the numbers beside them. */
export interface AlarmDeskView {
  /** Highest priority first, unacknowledged before acknowledged, newest first; at most `MOST_SHOWN` of them. */
  readonly alarms: readonly AlarmView[];
  /** How many alarms are in each state. */
  readonly states: Readonly<Record<AlarmState, number>>;
  /** Alarms that stand before the operator, by priority. */
  readonly standing: Readonly<Record<AlarmPriority, number>>;
  /** Alarms told in the last ten minutes; `since` while it is a flood. */
  readonly rate: { readonly inTenMinutes: number; readonly floodSince: number | null };
  /** Counts what was told to the operator: a page sounds where it rises. */
  readonly told: number;
}

/** Figures of a span of plant time beside their targets (ISA-18.2, EEMUA 191). */
export interface AlarmFiguresView {
  readonly from: number;
  readonly to: number;
  readonly told: number;
  readonly perDay: number;
  readonly perTenMinutes: { readonly mean: number; readonly most: number };
  readonly floodShare: number;
  readonly priorityShare: Readonly<Record<AlarmPriority, number>>;
  readonly frequent: readonly {
    readonly source: string;
    readonly code: string;
    readonly about: string | null;
    readonly count: number;
  }[];
  /** Share of all that the ten most frequent make up. */
  readonly frequentShare: number;
  /** Alarms told three times or more within a minute. */
  readonly chattering: number;
  /** Alarms that have stood for more than a day. */
  readonly stale: number;
  readonly shelved: number;
  readonly outOfService: number;
  /** Alarms told in each hour, oldest first. */
  readonly hourly: readonly number[];
}
