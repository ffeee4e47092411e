import type { AlarmState } from '../../shared/contracts/alarm.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { buildRegion } from '../region/region.ts';
import { plantSpecs } from '../region/inputs.ts';
import type { SubstationId } from '../data/names.ts';
import { RegionSim, type World } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';
import { faultyStore, type StoreFaults } from '../simulate/faulty-store.ts';
import { IncidentJudge } from './incident-judge.ts';
import { AlarmJudge, type AlarmRow } from './alarm-judge.ts';
import { alarmPredicates } from './alarm-predicates.ts';
import type { AlarmScenario } from './alarm-scenarios.ts';
import type { Injected } from './moment.ts';
import { Watcher } from './watcher.ts';

const SEED = 1;
const worlds = new Map<SubstationId, World>();

/** Reading the recorded series takes longer than a scenario needs for minutes. */
function worldOf(id: SubstationId): World {
  const known = worlds.get(id) ?? { specs: plantSpecs([id]), region: buildRegion([id]) };
  worlds.set(id, known);
  return known;
}

const NOT_OVER: readonly AlarmState[] = ['unacknowledged', 'acknowledged', 'returned', 'shelved', 'suppressed'];

export interface AlarmFigures {
  /** Most alarms that stood before the operator at once. */
  readonly standingMax: number;
  readonly floods: number;
  /** Alarms that were not true, or no longer, sentences whose figure was not that of now, and incidents that the plant contradicts. */
  readonly falseSentences: number;
  readonly missedAlarms: number;
}

export interface JudgedAlarms {
  readonly figures: AlarmFigures;
  readonly rows: readonly AlarmRow[];
  /** What is wrong, in words. */
  readonly faults: readonly string[];
  readonly table: string;
}

/** The same with no device behind a feeder. */
function bared({ specs, region }: World, feeder: number): World {
  const isElsewhere = (each: { readonly feeder: string }): boolean => !each.feeder.endsWith(`-${feeder}`);
  return {
    specs: specs.map((spec) => {
      const devices = spec.devices.filter(isElsewhere);
      const gone = new Set(spec.devices.flatMap((each) => (isElsewhere(each) ? [] : [each.id])));
      return { ...spec, devices, meters: spec.meters.filter(({ device }) => !gone.has(device)) };
    }),
    region: {
      ...region,
      substations: region.substations.map((substation) => {
        const gone = new Set(substation.devices.flatMap((each) => (isElsewhere(each) ? [] : [each.id])));
        return {
          ...substation,
          devices: substation.devices.filter(isElsewhere),
          meters: substation.meters.filter(({ device, element, kind }) =>
            kind === 'station' ? !element.startsWith(`${substation.id}-${feeder}-`) : !gone.has(device),
          ),
        };
      }),
    },
  };
}

/** Runs scenarios one after the other and sums up. */
export async function judgeAlarms(scenarios: readonly AlarmScenario[]): Promise<JudgedAlarms> {
  const all: JudgedScenario[] = [];
  for (const scenario of scenarios) all.push(await runAlarmScenario(scenario));
  const rows = all.flatMap(({ judge }) => judge.rows);
  const badForecasts = uncalibrated(all.flatMap(({ judge }) => judge.forecasts));
  const sum = (of: (one: JudgedScenario) => number): number => all.reduce((total, one) => total + of(one), 0);
  const badIncidents = all.flatMap(({ incidents }) => incidents);
  return {
    rows,
    faults: [...all.flatMap(({ judge }) => judge.faults), ...badForecasts, ...badIncidents],
    figures: {
      standingMax: Math.max(...all.map(({ judge }) => judge.standingMax)),
      floods: sum(({ floods }) => floods),
      falseSentences:
        badForecasts.length + badIncidents.length + sum(({ judge }) => judge.falseSentences + judge.falseAlarms),
      missedAlarms: sum(({ judge }) => judge.rows.reduce((missed, row) => missed + row.missed, 0)),
    },
    table: tableOf(rows),
  };
}

/** How far below its share a code may come true by chance: two standard errors. */
const CHANCE = 2;

function uncalibrated(forecasts: AlarmJudge['forecasts']): string[] {
  return Object.entries(alarmPredicates).flatMap(([code, predicate]) => {
    const own = forecasts.filter((each) => each.code === code);
    if (predicate.kind !== 'probability' || own.length === 0) return [];
    const { share } = predicate;
    const least = share - CHANCE * Math.sqrt((share * (1 - share)) / own.length);
    const cameTrue = own.filter((each) => each.cameTrue).length / own.length;
    return cameTrue >= least ? [] : [`${code} came true in ${cameTrue} of ${own.length}, where ${share} is its claim`];
  });
}

function tableOf(rows: readonly AlarmRow[]): string {
  const quiet = Object.keys(alarmPredicates).filter((code) => !rows.some((row) => row.code === code));
  const line = (...[code, scenario, ...counts]: readonly (string | number)[]): string =>
    `${String(code).padEnd(16)}${String(scenario).padEnd(34)}${counts.map((each) => String(each).padStart(8)).join('')}`;
  return [
    line('code', 'scenario', 'raised', 'true', 'false', 'missed'),
    ...rows
      .toSorted((a, b) => a.code.localeCompare(b.code))
      .map((row) => line(row.code, row.scenario, row.raised, row.true, row.false, row.missed)),
    `raised by no scenario: ${quiet.join(', ')}`,
  ].join('\n');
}

interface JudgedScenario {
  readonly judge: AlarmJudge;
  /** Floods that have begun. */
  readonly floods: number;
  /** What is wrong with the incidents, in words. */
  readonly incidents: readonly string[];
}

/** Runs the production composition over one substation as it is, and judges what its desk shows. */
async function runAlarmScenario(scenario: AlarmScenario): Promise<JudgedScenario> {
  const { name, substation, hour, lastsS, acts, history = false, bare } = scenario;
  const { specs, region } = bare === undefined ? worldOf(substation) : bared(worldOf(substation), bare);
  const injected: Injected = { silent: [], meters: {}, storeDown: false, cloudDown: false, starved: false };
  const storeFaults: StoreFaults = { down: false, flakyShare: 0 };
  const sim: RegionSim = new RegionSim({
    seed: SEED,
    trace: new Trace(undefined, false),
    world: { region, specs: specs.map((spec) => ({ ...spec, meterFaults: injected.meters })) },
    startMs: Date.UTC(2021, 8, 25, hour),
    stepS: 1,
    estimateEveryS: 120,
    dispatchEveryS: 900,
    planStepsS: Array.from({ length: 12 }, () => 900),
    train: [],
    history,
    faultyStore: (store) => faultyStore(store, storeFaults, new SeededRandom(SEED, 'store')),
    watch: {
      cycled: () => undefined,
      commanded: (_gateway, topic, payload) => watcher.commanded(topic, payload),
      uplink: () => undefined,
      failed: (process, error) => {
        throw new Error(`${name}: ${process} failed`, { cause: error });
      },
    },
  });
  const watcher = new Watcher(sim, injected);
  const judge = new AlarmJudge(name);
  const incidents = new IncidentJudge(name);
  const startMs = sim.clock.plant.now();
  await sim.start();
  for (let second = 1; second <= lastsS; second++) {
    for (const act of acts) if (act.atS === second) await act.do(sim, injected);
    storeFaults.down = injected.storeDown;
    await sim.run(1);
    const moment = watcher.look();
    incidents.second(moment);
    incidents.stand(moment.atS, await sim.stores.incidents.list({ limit: 10 }));
    judge.second(moment, injected.cloudDown ? undefined : sim.cloud.alarms.list(NOT_OVER));
  }
  const floods = (await sim.stores.events.list({ limit: 10_000 })).filter(
    ({ code, text }) => code === 'alarms.flood' && text.includes('has begun'),
  ).length;
  const told = await sim.stores.incidents.list({ limit: 200 });
  await sim.stop();
  return { judge, floods, incidents: incidents.faults(told, startMs) };
}
