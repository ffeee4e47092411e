import type { IncidentView } from '../../shared/contracts/incident.ts';
import { passedLimits } from './limits.ts';
import type { Moment } from './moment.ts';
import { ReliefJudge } from './relief-judge.ts';

/** Readings arrive every ten seconds and some are late, so reported times may be off by this much, s. */
const READ_S = 30;
/** Averaging window of the load before a jump, s. */
const BEFORE_S = 120;
/** An incident must be closed within this time after nothing holds it open any more, s. A gateway's alarms return late. */
const OVER_S = 300;
/** Jumps of at least this share that last at least this long must be reported, and limits exceeded by at least this share. */
const MUST = { jumpOfLimit: 0.2, jumpOfLoad: 0.28, jumpS: 45, past: 0.04, pastS: 5 } as const;
/** A device that gets this much less than it wishes is held back, kW. */
const HELD_KW = 5;
/** A meter reading may be off by this share. */
const METER_SHARE = 0.05;

interface Second {
  readonly atS: number;
  readonly reached: boolean;
  /** Load of each feeder without its devices, kW. */
  readonly loads: ReadonlyMap<string, number>;
  /** By element and unit: the value that exceeds its limit, and the limit. */
  readonly passed: ReadonlyMap<string, { readonly value: number; readonly limit: number }>;
  readonly dark: readonly string[];
  /** Devices whose wish is fully met. */
  readonly content: ReadonlySet<string>;
}

/** A jump must be reported within this time: the head's reading interval, the time for devices to report, and one check, s. */
const REPORTED_WITHIN_S = 25;
/** Time for devices to report what they did when a jump began, s. */
const SETTLED_S = 30;

/** Compares every incident of a scenario with what the plant did. The alarms in it are judged separately. */
export class IncidentJudge {
  readonly #scenario: string;
  readonly #seconds: Second[] = [];
  readonly #reliefs = new ReliefJudge();
  readonly #limits = new Map<string, number>();
  /** By feeder and start: the second at which an incident first showed the jump. */
  readonly #reportedS = new Map<string, number>();

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  second(moment: Moment): void {
    const { truth, substation, injected } = moment;
    this.#reliefs.second(moment);
    const own = new Map(truth.devices.map(({ id, activePowerKw }) => [id, activePowerKw]));
    for (const { feeder, importKw } of substation.heads ?? []) this.#limits.set(feeder, importKw);
    // As built: the cloud may have been told of another feeder.
    const feederOf = new Map(moment.spec.network.buses.map(({ id, feeder }) => [id, feeder]));
    const loads = truth.feeders.map(({ id, activePowerKw }): [string, number] => {
      const devices = moment.spec.devices.filter(({ bus }) => feederOf.get(bus) === id);
      return [id, activePowerKw - devices.reduce((sum, each) => sum + (own.get(each.id) ?? 0), 0)];
    });
    const passed = passedLimits(moment, truth).map(
      ({ element, quantity, value, limit }) => [`${element} ${quantity}`, { value, limit }] as const,
    );
    this.#seconds.push({
      atS: moment.atS,
      reached: moment.linked && !injected.cloudDown && !injected.starved && injected.silent.length === 0,
      loads: new Map(loads),
      passed: new Map(passed),
      content: new Set(
        truth.devices.flatMap(({ id, activePowerKw, values: { wishedKw } }) =>
          wishedKw !== undefined && wishedKw !== null && activePowerKw > wishedKw - HELD_KW ? [id] : [],
        ),
      ),
      dark: truth.feeders.flatMap(({ id, energised }) => (energised ? [] : [id])),
    });
  }

  /** Takes the incidents as shown at a second. */
  stand(atS: number, incidents: readonly IncidentView[]): void {
    for (const { entries } of incidents)
      for (const { code, at, parameters } of entries)
        if (code === 'spike.began') {
          const key = `${String(parameters['feeder'])} ${at}`;
          this.#reportedS.set(key, this.#reportedS.get(key) ?? atS);
        }
  }

  /** Untrue statements and missing incidents, in words. */
  faults(incidents: readonly IncidentView[], startMs: number): string[] {
    const secondOf = (at: number): number => (at - startMs) / 1000;
    const wrong = incidents.flatMap((incident) => [
      ...this.#jump(incident, secondOf),
      ...this.#limit(incident, secondOf),
      ...this.#over(incident, secondOf),
      ...this.#reliefs.faults(incident, secondOf),
    ]);
    return [...wrong, ...this.#missed(incidents, secondOf)].map((text) => `${this.#scenario}: ${text}`);
  }

  #within(fromS: number, toS: number): Second[] {
    return this.#seconds.filter(({ atS }) => atS >= fromS && atS <= toS);
  }

  #jump({ id, entries }: IncidentView, secondOf: (at: number) => number): string[] {
    return entries.flatMap(({ code, at, parameters }) => {
      if (code !== 'spike.began') return [];
      const { feeder, beforeKw, kw } = parameters;
      const atS = secondOf(at);
      const loadsOf = (fromS: number, toS: number): number[] =>
        this.#within(fromS, toS).map(({ loads }) => loads.get(String(feeder)) ?? 0);
      const rose = Math.max(...loadsOf(atS - READ_S, atS + READ_S)) - Math.min(...loadsOf(atS - BEFORE_S, atS));
      const reportedKw = Number(kw) - Number(beforeKw);
      const reportedS = this.#reportedS.get(`${String(feeder)} ${at}`) ?? Infinity;
      const sinceS = this.#roseS(String(feeder), { atS, kw: reportedKw });
      if (reportedS - sinceS > REPORTED_WITHIN_S)
        return [
          `incident ${id} reports a spike on ${String(feeder)} ${(reportedS - sinceS).toFixed(0)} s after it began`,
        ];
      const isSettled = this.#seconds.at(-1)!.atS - atS > SETTLED_S;
      return rose >= 0.8 * reportedKw && (!isSettled || reportedKw >= 0.6 * rose)
        ? []
        : [
            `incident ${id} reports a spike of ${reportedKw} kW on ${String(feeder)} at ${atS} s, but the load rose by ${rose.toFixed(0)} kW`,
          ];
    });
  }

  /** The second at which a feeder's load rose by half of the reported jump, shortly before the reading. */
  #roseS(feeder: string, { atS, kw }: { readonly atS: number; readonly kw: number }): number {
    const around = this.#within(atS - READ_S, atS + 1);
    const found = around.find(({ loads }, index) => {
      const before = around[Math.max(0, index - 2)]!.loads.get(feeder) ?? 0;
      return (loads.get(feeder) ?? 0) - before > 0.5 * kw;
    });
    return found?.atS ?? atS;
  }

  #limit({ id, limit }: IncidentView, secondOf: (at: number) => number): string[] {
    if (limit === null) return [];
    const { element, unit, worst, bound, passedAt, backAt } = limit;
    const atS = secondOf(passedAt);
    const untilS = backAt === null ? Infinity : secondOf(backAt);
    const values = this.#within(atS - READ_S, untilS + READ_S).flatMap(({ passed }) => {
      const found = passed.get(`${element} ${unit}`);
      return found === undefined ? [] : [found.value];
    });
    if (values.length === 0) return [`incident ${id}: ${element} was not past ${bound} ${unit} at ${atS} s`];
    const share = unit === 'pu' ? 0.005 : METER_SHARE;
    const near = values.some((value) => Math.abs(value - worst) <= share * Math.abs(value));
    return near ? [] : [`incident ${id}: ${element} was never at ${worst} ${unit}`];
  }

  #over({ id, feeder, endedAt, kind, reliefs }: IncidentView, secondOf: (at: number) => number): string[] {
    const last = this.#seconds.at(-1)!.atS;
    const isDark = ({ dark }: Second): boolean =>
      kind === 'trip' && (feeder === null ? dark.length > 0 : dark.includes(feeder));
    if (endedAt !== null)
      return this.#within(secondOf(endedAt), secondOf(endedAt)).some(isDark)
        ? [`incident ${id} is over while the feeder is dark`]
        : [];
    const quiet = this.#within(last - OVER_S, last);
    return quiet.some(
      (second) =>
        !second.reached ||
        second.passed.size > 0 ||
        second.dark.length > 0 ||
        this.#isUp(second) ||
        reliefs.some(({ device, until }) => until === null && !second.content.has(device)),
    )
      ? []
      : [`incident ${id} (${kind}) continues though none of its causes does`];
  }

  /** Whether a load is well above its minimum of the last quarter of an hour. */
  #isUp({ atS, loads }: Second): boolean {
    const before = this.#within(atS - 900, atS);
    return [...loads].some(
      ([feeder, kw]) =>
        kw - Math.min(...before.map((each) => each.loads.get(feeder) ?? 0)) > 0.08 * (this.#limits.get(feeder) ?? 0),
    );
  }

  #missed(incidents: readonly IncidentView[], secondOf: (at: number) => number): string[] {
    const isReported = (atS: number, is: (incident: IncidentView) => boolean): boolean =>
      incidents.some(
        (each) =>
          is(each) &&
          secondOf(each.startedAt) <= atS + 2 * READ_S &&
          (each.endedAt === null || secondOf(each.endedAt) >= atS - READ_S),
      );
    const missed: string[] = [];
    const since = new Map<string, number>();
    const look = (
      key: string,
      holds: boolean,
      { atS, forS, is }: { atS: number; forS: number; is: (incident: IncidentView) => boolean },
    ): void => {
      if (!holds) return void since.delete(key);
      const sinceS = since.get(key) ?? atS;
      since.set(key, sinceS);
      if (atS - sinceS === forS && !isReported(atS, is)) missed.push(`${key} since ${sinceS} s has no incident`);
    };
    for (const second of this.#seconds) {
      const { atS, passed, dark, loads, reached } = second;
      for (const [feeder, kw] of loads) {
        const recent = this.#within(atS - BEFORE_S, atS);
        const least = Math.min(...recent.map((each) => each.loads.get(feeder) ?? 0));
        const wasDark = this.#within(atS - 2 * BEFORE_S, atS).some((each) => each.dark.includes(feeder));
        const isJump =
          kw - least > MUST.jumpOfLimit * (this.#limits.get(feeder) ?? Infinity) &&
          kw - least > MUST.jumpOfLoad * Math.abs(least);
        look(`jump on ${feeder}`, reached && !wasDark && isJump, {
          atS,
          forS: MUST.jumpS,
          is: ({ jump, feeder: of }) => jump !== null && of === feeder,
        });
        look(`dark feeder ${feeder}`, reached && dark.includes(feeder), {
          atS,
          forS: 60,
          is: ({ kind }) => kind === 'trip',
        });
        const heads = ['transformer', feeder.replace(/^.*-/, 'feeder-')].map((each) => `${each} kW`);
        for (const key of heads) {
          const own = passed.get(key);
          const by = own === undefined ? 0 : Math.abs(own.value - own.limit) / Math.abs(own.limit);
          look(`${key} past its limit`, reached && by > MUST.past, {
            atS,
            forS: MUST.pastS,
            is: ({ limit, jump }) => limit !== null || jump !== null,
          });
        }
      }
    }
    return missed;
  }
}
