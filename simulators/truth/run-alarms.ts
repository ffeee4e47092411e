import type { AlarmState } from '../../shared/contracts/alarm.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { isStoreAway } from '../../cloud/telemetry/store-away.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';
import { faultyStore, type StoreFaults } from '../simulate/faulty-store.ts';
import { IncidentJudge } from './incident-judge.ts';
import { faultyOptimiser, folderOf, removeFolder, startAround } from './cloud-around.ts';
import { AlarmJudge, type AlarmRow } from './alarm-judge.ts';
import { alarmPredicates } from './alarm-predicates.ts';
import type { AlarmScenario } from './alarm-scenarios.ts';
import { untouched } from './moment.ts';
import { recordBefore, worldFor } from './scenario-world.ts';
import { Watcher } from './watcher.ts';

const SEED = 1;

const NOT_OVER: readonly AlarmState[] = ['unacknowledged', 'acknowledged', 'returned', 'shelved', 'suppressed'];

export interface AlarmFigures {
  /** Most alarms standing before the operator at once. */
  readonly standingMax: number;
  readonly floods: number;
  /** Number of false alarms, outdated figures, uncalibrated forecasts, and incidents that the plant contradicts. */
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

/** Runs scenarios one after the other and sums up the results. */
export async function judgeAlarms(scenarios: readonly AlarmScenario[]): Promise<JudgedAlarms> {
  const all: JudgedScenario[] = [];
  for (const scenario of scenarios) all.push(await runAlarmScenario(scenario));
  const rows = all.flatMap(({ judge }) => judge.rows);
  const forecasts = all.flatMap(({ judge }) => judge.forecasts);
  const badForecasts = uncalibrated(forecasts);
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
    table: [tableOf(rows), ...calibration(forecasts)].join('\n'),
  };
}

/** Allowed shortfall of a code below its share, in standard errors. */
const CHANCE = 2;

function uncalibrated(forecasts: AlarmJudge['forecasts']): string[] {
  return Object.entries(alarmPredicates).flatMap(([code, predicate]) => {
    const own = forecasts.filter((each) => each.code === code);
    if (predicate.kind !== 'probability' || own.length === 0) return [];
    const { share } = predicate;
    const least = share - CHANCE * Math.sqrt((share * (1 - share)) / own.length);
    const cameTrue = own.filter((each) => each.cameTrue).length / own.length;
    return cameTrue >= least ? [] : [`${code} came true in ${cameTrue} of ${own.length}; its claim is ${share}`];
  });
}

/** How often the claims of each probability code came true. */
function calibration(forecasts: AlarmJudge['forecasts']): string[] {
  return Object.entries(alarmPredicates).flatMap(([code, predicate]) => {
    if (predicate.kind !== 'probability') return [];
    const own = forecasts.filter((each) => each.code === code);
    const cameTrue = own.filter((each) => each.cameTrue).length;
    return [`${code} came true in ${cameTrue} of ${own.length}; its claim is at least ${predicate.share}`];
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

/** Runs the production composition for one substation, and judges what its desk shows. */
async function runAlarmScenario(scenario: AlarmScenario): Promise<JudgedScenario> {
  const { name, hour, lastsS, acts, history = false, differs, around = false, dispatchEveryS = 900 } = scenario;
  const { specs, region } = worldFor(scenario);
  const injected = untouched(around ? folderOf() : '');
  const storeFaults: StoreFaults = { down: false, flakyShare: 0 };
  const failed = (process: string, error: unknown): void => {
    // A write to the read-only medium fails; the cloud logs that and continues.
    if (!injected.readOnly || !isStoreAway(error)) throw new Error(`${name}: ${process} failed`, { cause: error });
  };
  const sim: RegionSim = new RegionSim({
    seed: SEED,
    trace: new Trace(undefined, false),
    world: { region, specs: specs.map((spec) => ({ ...spec, meterFaults: injected.meters })) },
    startMs: Date.UTC(2021, 8, 25, hour),
    stepS: 1,
    estimateEveryS: 120,
    dispatchEveryS,
    optimising: faultyOptimiser(injected),
    ...(differs === undefined ? {} : { differs }),
    planStepsS: Array.from({ length: 12 }, () => 900),
    train: [],
    history: history && (await recordBefore(scenario, SEED)),
    onStoreFailure: (error) => failed('event log', error),
    faultyStore: (store) => faultyStore(store, storeFaults, new SeededRandom(SEED, 'store')),
    watch: {
      cycled: () => undefined,
      commanded: (_gateway, topic, payload) => watcher.commanded(topic, payload),
      uplink: () => undefined,
      failed,
    },
  });
  const watcher = new Watcher(sim, injected, specs[0]!);
  const judge = new AlarmJudge(name);
  const incidents = new IncidentJudge(name);
  const startMs = sim.clock.plant.now();
  await sim.start();
  await using ending = new AsyncDisposableStack();
  ending.defer(() => sim.stop());
  if (around) {
    ending.defer(() => removeFolder(injected.folder));
    ending.use(await startAround(sim, injected));
  }
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
  const reported = await sim.stores.incidents.list({ limit: 200 });
  return { judge, floods, incidents: incidents.faults(reported, startMs) };
}
