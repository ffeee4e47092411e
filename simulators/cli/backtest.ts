import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { computePool } from '../../cloud/compute/compute-pool.ts';
import { protocolWorker } from '../../cloud/forecast/serve/worker-files.ts';
import { backtest, type BacktestOptions, type BacktestResult } from '../../cloud/forecast/serve/protocol/backtest.ts';
import type { HourlyData } from '../../cloud/forecast/serve/protocol/hourly-data.ts';
import type { ProtocolTasks } from '../../cloud/forecast/serve/protocol/protocol-tasks.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { machineMonotonicMs, systemTimeBase } from '../../shared/time/system-clock.ts';
import { parseHourlyCsv } from './backtest-csv.ts';

const help = `usage: loadstone backtest --csv FILE --timezone ZONE [--weather degraded|actual|none] [--seed N]
                          [--protocol production|ett|chronos] [--json]
       loadstone backtest --region [--until DAY] [--json]

Measures forecast accuracy on held-back data, beside naive forecasts.

--csv: columns time,load[,temp,ghi,wind,holiday], hourly, UTC. Forecasts 1 to 24 h ahead directly. The last 20 % is the test
part, with an origin every 5 h; models are fitted once. nMAE and pinball (mean of P10, P50, P90) are relative to the mean
absolute load. Two years take a few minutes.

The recipe is that of production: features, members, blend and calibration are those of the cloud. Weights and calibration
start fresh with the test part and adapt to what has been observed since, as after any training. RMSE has the unit of the load;
rCRPS (all 19 quantiles) is relative to P99 minus P1 of the load; when peak-weighted, each hour counts by its load over P99.

--protocol ett and chronos score the linear models as in the literature, without weather. The series is the column load or,
without one, every column after the time. ett: 12 months of 30 days to train, 4 to validate, 4 to test; 96 h ahead from every
hour; MSE and MAE of z-scores (mean and deviation of the training part). chronos: the last 24 h of each series are held back
and forecast once; MASE is relative to the error of the value 24 h earlier in the training part, averaged over the series; WQL
covers quantiles 0.1 to 0.9 of all series together; --csv may be repeated.

--region: the shipped substations. Each model is trained on seven weeks, exported to ONNX, and run by ONNX Runtime on the
held-back week, 48 h ahead in steps of 15 min, with the recorded weather at the target (a hindcast) and without weather.

  --csv FILE        the series
  --timezone ZONE   IANA time zone of its calendar, such as Europe/Amsterdam
  --protocol NAME   production (default); ett: long horizon; chronos: last day
  --weather WHICH   degraded (default): the recorded weather with seeded forecast errors; actual: as recorded; none
  --seed N          seed of the weather errors (1)
  --region          print the acceptance table
  --until DAY       UTC day on which the held-back week ends, exclusive (2021-09-25, when the plant starts)
  --json            print one JSON object
  --help            this text

examples:
  loadstone backtest --csv load.csv --timezone Europe/London
  loadstone backtest --csv load.csv --timezone UTC --weather none --json
  loadstone backtest --csv ETTh1.csv --timezone UTC --protocol ett --json
  loadstone backtest --csv ETTh1.csv --csv ETTh2.csv --timezone UTC --protocol chronos
  loadstone backtest --region
  loadstone backtest --region --until 2021-10-23

exit codes: 0 measured (--region: better than seasonal naive where required), 1 not better, 2 invalid file or usage
`;

const weatherKinds = ['degraded', 'actual', 'none'] as const;
const protocols = ['production', 'ett', 'chronos'] as const;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    csv: { type: 'string', multiple: true },
    protocol: { type: 'string', default: 'production' },
    timezone: { type: 'string' },
    weather: { type: 'string', default: 'degraded' },
    seed: { type: 'string', default: '1' },
    region: { type: 'boolean', default: false },
    until: { type: 'string', default: '2021-09-25' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(help);
  if (values.region) {
    const { regionTable, untilRange } = await import('./backtest-region.ts');
    const untilMs = Date.parse(`${values.until}T00:00Z`);
    if (!(untilMs >= untilRange.least && untilMs <= untilRange.most)) {
      const [least, most] = [untilRange.least, untilRange.most].map((time) =>
        new Date(time).toISOString().slice(0, 10),
      );
      return usage(`--until must be a day from ${least} to ${most}, not "${values.until}"`);
    }
    return regionTable({ json: values.json, untilMs });
  }
  const { timezone } = values;
  const [csv, ...more] = values.csv ?? [];
  if (csv === undefined || timezone === undefined) return usage('give --csv FILE and --timezone ZONE, or --region');
  const weather = weatherKinds.find((kind) => kind === values.weather);
  if (weather === undefined)
    return usage(`--weather must be one of ${weatherKinds.join(', ')}, not "${values.weather}"`);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0) return usage(`--seed must be a whole number, not "${values.seed}"`);
  if (!isZone(timezone)) return usage(`--timezone "${timezone}" is not an IANA time zone`);
  const protocol = protocols.find((name) => name.toLowerCase() === values.protocol.toLowerCase());
  if (protocol === undefined)
    return usage(`--protocol must be one of ${protocols.join(', ')}, not "${values.protocol}"`);
  if (more.length > 0 && protocol !== 'chronos') return usage('several --csv are allowed only with --protocol chronos');
  if (protocol === 'ett' || protocol === 'chronos') {
    const { outsideCheck } = await import('./backtest-outside.ts');
    const files = [csv, ...more].map((name) => ({ name: basename(name), text: read(name) }));
    process.stdout.write(outsideCheck({ protocol, files, zone: timezone, json: values.json }));
    return 0;
  }
  const data = parseHourlyCsv(read(csv), csv);
  const compute = computePool<ProtocolTasks>({ file: protocolWorker, threads: 2 });
  const progress = (what: string): void => void process.stderr.write(`${what}\n`);
  try {
    const common = { zone: timezone, weather, seed, elapsed: machineMonotonicMs, compute, progress };
    const result = await scored(data, common);
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : table(result));
  } finally {
    await compute.close();
  }
  return 0;
}

async function scored(data: HourlyData, options: Omit<BacktestOptions, 'inference'>): Promise<BacktestResult> {
  // Runs in this thread: on a busy machine a forecast would otherwise be late, and a fallback would replace it.
  const inference = inlineInference(
    systemTimeBase((error) => {
      throw error;
    }),
  );
  try {
    return await backtest(data, { ...options, inference });
  } finally {
    await inference.close();
  }
}

function usage(what: string): number {
  process.stderr.write(`loadstone backtest: ${what}.\n\n${help}`);
  return 2;
}

function isZone(zone: string): boolean {
  try {
    return new LocalCalendar(zone).zone === zone;
  } catch {
    return false;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${messageOf(error)}`);
  }
}

const line = (name: string, score: { nMae: number; pinball: number; coverage80: number }): string =>
  `${name.padEnd(20)} ${score.nMae.toFixed(4).padStart(8)} ${score.pinball.toFixed(4).padStart(8)} ${score.coverage80.toFixed(3).padStart(8)}`;

function table(result: BacktestResult): string {
  const members = Object.entries(result.members).map(([name, weight]) => `${name} ${(100 * weight).toFixed(0)} %`);
  const hours = [1, 2, 3, 6, 12, 18, 24].map((hour) => `${hour} h ${result.byHorizon[hour]!.toFixed(4)}`);
  return [
    `${''.padEnd(20)} ${'nMAE'.padStart(8)} ${'pinball'.padStart(8)} ${'cover80'.padStart(8)}`,
    line('loadstone', result),
    line('ridge', result.baselines.ridge),
    line('seasonal naive 24 h', result.baselines.seasonalNaive24),
    line('seasonal naive 168 h', result.baselines.seasonalNaive168),
    '',
    measures(result),
    '',
    `nMAE by horizon: ${hours.join(', ')}`,
    `members: ${members.join(', ')}; weather: ${result.weather}; ${result.testPairs} test pairs; ${result.fitSeconds.toFixed(1)} s`,
    '',
  ].join('\n');
}

const measures = ({ rmse, bias, rCrps, rCrpsPeakWeighted, fallbackShare }: BacktestResult): string =>
  `RMSE ${rmse.toPrecision(4)}, bias ${bias.toPrecision(3)}, rCRPS ${rCrps.toFixed(4)}, peak-weighted ${rCrpsPeakWeighted.toFixed(4)}` +
  (fallbackShare === 0 ? '' : `; ${(100 * fallbackShare).toFixed(1)} % answered by the fallback`);
