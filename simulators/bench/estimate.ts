import { compileEstimate } from '../../cloud/estimate/estimate.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import type { Differences } from '../plant/spec.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildSubstation } from '../region/region.ts';
import { substationIds, type SubstationId } from '../data/names.ts';
import { drawFault, trial, type Fault, type Trial } from './estimate-faults.ts';
import { VoltageErrors } from './estimate-errors.ts';
import { minutes } from './estimate-plant.ts';
import { snapshots } from './estimate-snapshots.ts';
import type { BenchOptions } from './options.ts';

/** Differences between the plant and its model: all of PLANT.md, single loads by half. */
const differs: Differences = { impedance: 0.1, tapSteps: 1, loadShare: 0.5 };
/** Minutes between two estimates: not a divisor of a day, so that every hour is covered. */
const EVERY = 47;

/**
 * The estimate on the plant with model errors, and its detection of injected faults; only this bench knows the truth. The baseline in the
 * same run shares out each head's load by rating. Then case33bw without model error.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const ids = quick ? substationIds.slice(0, 2) : substationIds;
  const plant = onPlant(ids, quick ? 6 : 24);
  say(`plant: ${plant.voltageErrorPct.rms.toFixed(3)} % rms, ${(100 * plant.intervalCoverage).toFixed(1)} % covered`);
  const each = quick ? 2 : 40;
  const runs = (kind: Fault['kind'], count: number): Trial[] =>
    Array.from({ length: count }, (_, at) => {
      const result = oneTrial(kind, at + 1);
      const { device, meter, exchange } = result.fault;
      const what = `${device} ${exchange?.open ?? JSON.stringify(meter) ?? ''}`;
      const found = kind === 'none' ? '' : (result.hours?.toFixed(1) ?? 'not found');
      say(
        `${kind} ${at + 1} of ${count}: ${what} ${found} ${result.others.map((other) => `FALSE: ${other}`).join(', ')}`,
      );
      return result;
    });
  const dead = runs('dead', quick ? 2 : 10);
  const reversed = runs('reversed', quick ? 2 : 20);
  const gross = runs('gross', each);
  const ties = runs('tie', each);
  const clean = runs('none', quick ? 1 : 20);
  const draws = quick ? 50 : 400;
  return {
    voltageErrorPct: plant.voltageErrorPct,
    intervalCoverage: plant.intervalCoverage,
    found: {
      deadMeterHours: slowest(dead),
      reversedMeterHours: slowest(reversed),
      reversedShare: share(reversed),
      grossErrorShare: share(gross),
      wrongTieShare: share(ties),
      withinHours: HOURS,
      trials: { dead: dead.length, reversed: reversed.length, gross: gross.length, ties: ties.length },
      missed: [...dead, ...reversed, ...gross, ...ties].flatMap(({ hours, fault }) =>
        hours === undefined ? [fault] : [],
      ),
      falseFindings: {
        clean: falseOnes(clean),
        besidesFaults: falseOnes([...dead, ...reversed, ...gross, ...ties]),
      },
    },
    values: plant.values,
    differs,
    baseline: { what: 'head minus devices, allocated by rating', voltageErrorPct: plant.baselineErrorPct },
    ratio: {
      rms: plant.baselineErrorPct.rms / plant.voltageErrorPct.rms,
      p95: plant.baselineErrorPct.p95 / plant.voltageErrorPct.p95,
    },
    case33bwNoModelError: { headsOnly: snapshots('heads', draws), sevenTerminals: snapshots('terminals', draws) },
  };
}

/** Time limit to find a fault, hours. */
const HOURS = 24;

function oneTrial(kind: Fault['kind'], seed: number): Trial {
  const id = substationIds[seed % substationIds.length]!;
  const substation = buildSubstation(id);
  const fault = drawFault(substation, kind, seed);
  const [spec] = plantSpecs([id]);
  return trial(substation, { spec: spec!, fault, hours: HOURS, seed, startMs: plantStartMs, differs });
}

const share = (trials: readonly Trial[]): number =>
  trials.filter(({ hours }) => hours !== undefined).length / trials.length;

/** Sound devices that were reported faulty, and over how many substation days. */
function falseOnes(trials: readonly Trial[]): { count: number; days: number; what: readonly string[] } {
  const what = trials.flatMap(({ others }) => others);
  return { count: what.length, days: trials.reduce((sum, { watchedHours }) => sum + watchedHours / 24, 0), what };
}

/** Hours of the slowest finding; null if any fault was missed. */
function slowest(trials: readonly Trial[]): number | null {
  const hours = trials.map((each) => each.hours ?? Infinity).reduce((most, each) => Math.max(most, each), 0);
  return Number.isFinite(hours) ? hours : null;
}

function onPlant(ids: readonly SubstationId[], hours: number): ReturnType<VoltageErrors['result']> {
  const errors = new VoltageErrors();
  for (const [at, spec] of plantSpecs(ids).entries()) {
    const model = compileEstimate(buildSubstation(ids[at]!));
    let minute = 0;
    for (const { readings, timeMs, truth } of minutes({ spec, seed: at + 1, startMs: plantStartMs, differs })) {
      if (++minute > hours * 60) break;
      if (minute % EVERY === 0) errors.add(model, { time: timeMs, readings, findings: [] }, truth());
    }
  }
  return errors.result();
}
