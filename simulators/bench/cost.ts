import { readConfig } from '../../shared/config/read-config.ts';
import { CloudConfig } from '../../cloud/config.ts';
import { measureRegion } from './cost-region.ts';
import { NOT_IN_SHEET, sheetOf, type How, type UnitCost, type UnitCosts } from './cost-sheet.ts';
import { connectionCost, diskCost, forecastCost, ingestCost, planWorkerCost } from './cost-units.ts';
import { threeDigits } from './digits.ts';
import type { BenchOptions } from './options.ts';

const FLEETS = [10_000, 100_000, 1_000_000] as const;
/** Minimum targets per substation: itself, its feeders as one, and its share of the region. */
const TARGETS = 3;

/**
 * Costs of one gateway that grow with the fleet, each measured with the product's own functions on this machine, and the resulting costs of
 * whole fleets. `notIn` names what they leave out.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const { estimate, forecast, dispatch } = readConfig(CloudConfig, { file: 'defaults', text: '' });
  // Runs first: memory that earlier work had freed would distort it.
  const gateways = quick ? 200 : 1000;
  say(`${gateways} connections over TLS ...`);
  const connectionKb = await connectionCost(gateways);
  say('an optimiser thread ...');
  const planWorkerMb = await planWorkerCost();
  const region = await measureRegion({
    hours: quick ? [11] : [2, 11],
    seconds: quick ? 600 : 1200,
    estimateEveryS: estimate.everyS,
    dispatchEveryS: dispatch.everyS,
    say,
  });
  const metricsPerFrame = Math.max(1, Math.round(region.pointsPerS / region.framesPerS));
  const frames = quick ? 4000 : 20_000;
  say(`${10 * frames} frames of ${metricsPerFrame} points over TLS into InfluxDB ...`);
  const ingest = await ingestCost(frames, metricsPerFrame);
  say('forecasts ...');
  const forecastMs = await forecastCost(quick ? 1 : 3, say);
  say('disk ...');
  const disk = await diskCost(quick ? 0.25 : 1, say);
  const measured = of('measured');
  const units: UnitCosts = {
    framesPerS: measured(region.framesPerS, 'frames/s', region.what),
    pointsPerS: measured(region.pointsPerS, 'points/s', region.what),
    ingestCpuMsPer1000Points: measured(
      ingest.cpuMsPer1000Points,
      'CPU ms',
      `TLS, broker, decoding, ledger and hand-over to InfluxDB, ${metricsPerFrame} points a frame`,
    ),
    connectionKb: measured(
      connectionKb,
      'kB',
      `${gateways} gateways connected over TLS to the embedded broker, after their births`,
    ),
    planCpuS: measured(region.planCpuS, 'CPU s', 'mean of the plans of that substation'),
    plansPer5Min: measured(
      region.plansPer5Min,
      'plans',
      `after a change or after 30 min, within ${region.seconds} s of plant time; no model was trained`,
    ),
    planWorkerMb: measured(
      planWorkerMb,
      'MB',
      'resident memory that one thread of the optimiser adds with its first plan',
    ),
    estimateCpuMs: measured(region.estimateCpuMs, 'CPU ms', 'mean of the estimates of that substation'),
    forecastCpuMs: measured(
      TARGETS * forecastMs,
      'CPU ms',
      `${TARGETS} targets of the live service, models of eight weeks: a lower bound, as networks join with 26 weeks`,
    ),
    rawBytesPerPoint: measured(disk.rawBytesPerPoint, 'bytes', 'SQLite, recorded traffic of ten gateways'),
    stateBytesPerDay: {
      ...of('inferred')(
        Object.values(disk.byKind).reduce((sum, bytes) => sum + bytes, 0),
        'bytes',
        'files of a simulated day with a plan every 15 min, before retention deletes anything',
      ),
      byKind: disk.byKind,
    },
  };
  const periods = { estimateS: estimate.everyS, forecastS: forecast.everyS };
  return {
    units,
    periods,
    planCpuSPer5Min: threeDigits(region.planCpuS * region.plansPer5Min),
    sheet: FLEETS.map((fleet) => sheetOf(units, periods, fleet)),
    euroPerGateway: null,
    why: 'no prices: multiply cores, RAM and disk of the sheet by the rates of your provider',
    notIn: NOT_IN_SHEET,
  };
}

const of =
  (how: How) =>
  (value: number, unit: string, from: string): UnitCost => ({ value: threeDigits(value), unit, how, from });
