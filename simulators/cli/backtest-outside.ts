import { lastDay, LOSS_QUANTILES, type DayScore } from '../../cloud/forecast/serve/protocol/last-day.ts';
import { ettLongHorizon, type LongErrors } from '../../cloud/forecast/serve/protocol/long-horizon.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { parseHourlyChannels } from './backtest-csv.ts';

export interface OutsideOptions {
  readonly protocol: 'ett' | 'chronos';
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly zone: string;
  readonly json: boolean;
}

const HORIZON = 96;

/** The protocols used to score models in the literature. Returns the text for stdout; progress goes to stderr. */
export function outsideCheck({ protocol, files, zone, json }: OutsideOptions): string {
  const progress = (what: string): void => void process.stderr.write(`${what}\n`);
  const channels = files.flatMap(({ name, text }) => parseHourlyChannels(text, name));
  const names = channels.map(({ name }) => name);
  const begin = machineMonotonicMs();
  const seconds = (): number => (machineMonotonicMs() - begin) / 1000;
  if (protocol === 'ett') {
    const { seasonalNaive24, horizon, ...score } = ettLongHorizon(channels, HORIZON, progress);
    const fields = { horizonHours: horizon, unit: 'z-score of the training part', channels: names };
    const result = { protocol, ...fields, ...score, baselines: { seasonalNaive24 }, fitSeconds: seconds() };
    if (json) return `${JSON.stringify(result)}\n`;
    const line = (name: string, { mse, mae }: LongErrors): string => row(name, [mse, mae]);
    return [
      row('', ['MSE', 'MAE']),
      line('loadstone', result),
      line('seasonal naive 24 h', seasonalNaive24),
      '',
      `${horizon} h ahead, z-scores; ${names.length} channels, ${score.windows} windows each; ${result.fitSeconds.toFixed(1)} s`,
      '',
    ].join('\n');
  }
  const score = lastDay(channels, zone, progress);
  const result = { protocol, heldBackHours: 24, quantiles: LOSS_QUANTILES, ...score, fitSeconds: seconds() };
  if (json) return `${JSON.stringify(result)}\n`;
  const line = (name: string, { mase, wql }: DayScore): string => row(name, [mase, wql]);
  return [
    row('', ['MASE', 'WQL']),
    line('loadstone', result),
    line('seasonal naive 24 h', score.baselines.seasonalNaive24),
    ...score.series.map((each) => line(`  ${each.name}`, each)),
    '',
    `last 24 h of ${names.length} series; ${result.fitSeconds.toFixed(1)} s`,
    '',
  ].join('\n');
}

const row = (name: string, cells: readonly (string | number)[]): string =>
  [name.padEnd(20), ...cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(4) : cell).padStart(8))].join(' ');
