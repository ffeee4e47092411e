import type { AlarmView } from '../../shared/contracts/alarm.ts';
import { alarmPredicates as predicates } from './alarm-predicates.ts';
import type { Moment } from './moment.ts';

/** Counts for one code in one scenario. */
export interface AlarmRow {
  readonly code: string;
  readonly scenario: string;
  raised: number;
  true: number;
  false: number;
  missed: number;
}

/** After an interrupted delivery, delayed alarms get this long to arrive, s. */
const DELIVERY_S = 60;
/** A standing sentence may be off by more than this share for this long, s, before its figure counts as wrong. */
const SENTENCE_S = 30;
const SENTENCE_SHARE = 0.05;

/** Compares every alarm of a scenario with the truth, second by second. */
export class AlarmJudge {
  readonly #scenario: string;
  readonly #rows = new Map<string, AlarmRow>();
  /** By code and subject: since when the condition has held without interruption, and until when, s. */
  readonly #held = new Map<string, { sinceS: number; untilS: number; missed: boolean }>();
  /** By id of the alarm: since when the figure of its sentence has been off, s. */
  readonly #off = new Map<number, { readonly sinceS: number; isReported: boolean }>();
  /** By code and subject: until when an alarm was permissible, s. */
  readonly #may = new Map<string, number>();
  /** Alarms that have been judged, by id and occurrence; and those that outlasted their condition. */
  readonly #judged = new Set<string>();
  readonly #wrong = new Set<string>();
  readonly faults: string[] = [];
  /** Alarms that claim a probability: the code, and whether the claim came true. */
  readonly forecasts: { readonly code: string; readonly cameTrue: boolean }[] = [];
  /** Sentences with an outdated figure. */
  falseSentences = 0;
  /** Alarms that were untrue, or still standing after their condition was over. */
  falseAlarms = 0;
  standingMax = 0;
  #reachedS = 0;
  #wasReached = true;

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  get rows(): readonly AlarmRow[] {
    return [...this.#rows.values()];
  }

  /** `alarms`: all alarms that are not over; undefined while the cloud is down. */
  second(moment: Moment, alarms: readonly AlarmView[] | undefined): void {
    const reached = alarms !== undefined && moment.linked && !moment.injected.starved;
    if (reached && !this.#wasReached) this.#reachedS = moment.atS;
    this.#wasReached = reached;
    this.#hold(moment);
    if (alarms === undefined) return;
    const standing = alarms.filter(({ active, state }) => active && state === 'unacknowledged');
    this.standingMax = Math.max(this.standingMax, standing.length);
    for (const alarm of standing) this.#judge(moment, alarm);
    this.#miss(moment, { alarms, reached });
  }

  #hold(moment: Moment): void {
    for (const [code, predicate] of Object.entries(predicates)) {
      if (predicate.kind === 'probability') continue;
      for (const about of predicate.may?.(moment) ?? predicate.holds(moment))
        this.#may.set(`${code} ${about}`, moment.atS);
      for (const about of predicate.holds(moment)) {
        const key = `${code} ${about}`;
        const known = this.#held.get(key);
        if (known !== undefined && known.untilS >= moment.atS - 1.5) known.untilS = moment.atS;
        else this.#held.set(key, { sinceS: moment.atS, untilS: moment.atS, missed: false });
      }
    }
  }

  #judge(moment: Moment, alarm: AlarmView): void {
    const { code, parameters = {} } = alarm;
    const about = aboutOf(alarm);
    const key = `${alarm.id}/${alarm.occurrences}`;
    const row = this.#row(code);
    const predicate = predicates[code];
    const isNew = !this.#judged.has(key);
    this.#judged.add(key);
    if (isNew) row.raised++;
    if (predicate === undefined) {
      if (isNew) this.#isFalse(row, moment, alarm, 'it has no predicate');
      return;
    }
    if (predicate.kind === 'probability') {
      if (!isNew) return;
      const cameTrue = predicate.comesTrue(moment, parameters);
      this.forecasts.push({ code, cameTrue });
      row[cameTrue ? 'true' : 'false']++;
      return;
    }
    const untilS = this.#may.get(`${code} ${about}`);
    const graceS = moment.atS - this.#reachedS < DELIVERY_S ? DELIVERY_S : 0;
    const holds = untilS !== undefined && moment.atS - untilS <= predicate.lingersS + graceS;
    const claim = !isNew || predicate.kind === 'state' || predicate.stands(moment, about, parameters);
    if (isNew && holds && claim) row.true++;
    else if (isNew) this.#isFalse(row, moment, alarm, holds ? 'its claim is wrong' : 'its condition does not hold');
    else if (!holds && !this.#wrong.has(key)) {
      this.#wrong.add(key);
      this.#isFalse(row, moment, alarm, 'it is active though it is over');
    }
    const value = predicate.value?.(moment, parameters);
    if (value !== undefined && untilS === moment.atS && alarm.goneSince === undefined) this.#read(moment, alarm, value);
  }

  /** Checks the figure of an alarm, once it has been off for a while. */
  #read(moment: Moment, alarm: AlarmView, value: number): void {
    const said = Number(alarm.parameters?.['value']);
    const isOff = !(Math.abs(said - value) <= SENTENCE_SHARE * Math.abs(value));
    if (!isOff) return void this.#off.delete(alarm.id);
    const known = this.#off.get(alarm.id) ?? { sinceS: moment.atS, isReported: false };
    this.#off.set(alarm.id, known);
    if (moment.atS - known.sinceS < SENTENCE_S || known.isReported) return;
    known.isReported = true;
    this.falseSentences++;
    this.#say(moment, `${alarm.code} says ${said}, but the value is ${value.toFixed(3)}: ${alarm.text}`);
  }

  #miss(moment: Moment, { alarms, reached }: { alarms: readonly AlarmView[]; reached: boolean }): void {
    for (const [key, held] of this.#held) {
      const [code = '', about] = key.split(' ');
      const predicate = predicates[code];
      if (predicate === undefined || predicate.kind === 'probability' || held.missed || held.untilS !== moment.atS)
        continue;
      if (!reached && code !== 'LS-GATEWAY-001') continue;
      const sinceS = code === 'LS-GATEWAY-001' ? held.sinceS : Math.max(held.sinceS, this.#reachedS);
      const { withinS } = predicate;
      if (moment.atS - sinceS < (typeof withinS === 'number' ? withinS : withinS(about!))) continue;
      if (alarms.some((alarm) => alarm.code === code && isStanding(alarm) && aboutOf(alarm) === about)) continue;
      held.missed = true;
      this.#row(code).missed++;
      this.#say(moment, `${code} of ${about} is missed: its condition holds since ${held.sinceS} s`);
    }
  }

  #isFalse(row: AlarmRow, moment: Moment, { code, text }: AlarmView, why: string): void {
    row.false++;
    this.falseAlarms++;
    this.#say(moment, `${code} is false, ${why}: ${text}`);
  }

  #say(moment: Moment, text: string): void {
    this.faults.push(`${this.#scenario} at ${moment.atS.toFixed(0)} s: ${text}`);
  }

  #row(code: string): AlarmRow {
    const known = this.#rows.get(code);
    if (known !== undefined) return known;
    const row = { code, scenario: this.#scenario, raised: 0, true: 0, false: 0, missed: 0 };
    this.#rows.set(code, row);
    return row;
  }
}

/** An alarm in its off-delay reports that its condition is gone. */
const isStanding = ({ active, goneSince }: AlarmView): boolean => active && goneSince === undefined;

/** The device or element that an alarm is about, or its source if it is about the whole of it. */
export function aboutOf({ code, device, subject, source }: AlarmView): string {
  if (code.startsWith('LS-GATEWAY-')) return source;
  if (device !== null) return device;
  const [kind, name] = (subject ?? '').split(':');
  if (kind?.startsWith('unmet-voltage') === true) return subject!;
  if (kind === 'site' || kind === 'heartbeat' || subject === null) return source;
  return name ?? subject;
}
