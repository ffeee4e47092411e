import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { formatTime, parseDuration, parseTime, resolutionSeconds } from '../conventions.ts';

/** The steps of a series that are shown. */
export interface Grid {
  readonly start: number;
  readonly resolutionS: number;
  /** Stored steps per shown step; the first stored step; the number of shown steps. */
  readonly factor: number;
  readonly first: number;
  readonly steps: number;
  /** Says that the horizon asks for more than there is; empty: it does not. */
  readonly warnings: readonly string[];
}

/** A stored series: `steps` steps from `start`, ms UTC. */
interface Steps {
  readonly start: number;
  readonly resolutionS: number;
  readonly steps: number;
}

/** Which steps to show, and at which resolution; see ShapeQuery. */
interface StepQuery {
  readonly start?: string;
  readonly horizon?: string;
  readonly resolution?: string;
}

export function gridOf(stored: Steps, options: StepQuery): Grid {
  const ownMs = stored.resolutionS * 1000;
  const factor = options.resolution === undefined ? 1 : resolutionSeconds(options.resolution) / stored.resolutionS;
  if (!Number.isInteger(factor)) {
    throw new LoadstoneError(
      'LS-API-007',
      `resolution: this forecast has steps of ${stored.resolutionS} s, which do not divide ${options.resolution}`,
      '/querystring/resolution',
    );
  }
  const own = stored.steps;
  const wanted = options.start === undefined ? stored.start : parseTime(options.start, '/querystring/start');
  const resolutionS = stored.resolutionS * factor;
  // Aligned to the resolution, like measurements and vintages: an hour starts on the hour.
  const gridMs = resolutionS * 1000;
  const begin = Math.ceil(Math.max(wanted, stored.start) / gridMs) * gridMs;
  const first = Math.round((begin - stored.start) / ownMs);
  const whole = Math.max(0, Math.floor((own - first) / factor));
  const horizonMs = options.horizon === undefined ? undefined : parseDuration(options.horizon, '/querystring/horizon');
  // The horizon counts from the start that was asked for, which may lie before the forecast.
  const asked = horizonMs === undefined ? whole : Math.ceil((wanted + horizonMs - begin) / gridMs);
  const end = stored.start + own * ownMs;
  if (whole === 0)
    throw new LoadstoneError('LS-API-007', `start: the forecast ends at ${formatTime(end)}`, '/querystring/start');
  if (asked <= 0)
    throw new LoadstoneError(
      'LS-API-007',
      `horizon: ${options.horizon} from ${formatTime(wanted)} ends before the first step of the forecast at ${formatTime(begin)}`,
      '/querystring/horizon',
    );
  const warnings =
    asked > whole ? [`horizon: ${options.horizon} reaches beyond the end of the forecast at ${formatTime(end)}`] : [];
  return { start: stored.start + first * ownMs, resolutionS, factor, first, steps: Math.min(whole, asked), warnings };
}

/** Returns the mean of the stored steps within each shown step. */
export const means = (series: readonly number[], { factor, first, steps }: Grid): number[] =>
  Array.from({ length: steps }, (_, step) => {
    let sum = 0;
    for (let index = 0; index < factor; index++) sum += series[first + step * factor + index]!;
    return sum / factor;
  });

/** Returns the requested quantiles; throws LS-API-007 for one that is not in `known`. */
export function chosenQuantiles(
  known: readonly number[],
  asked: string | undefined,
  pointer = '/querystring/quantiles',
): readonly number[] {
  if (asked === undefined) return known;
  return asked.split(',').map((text) => {
    const quantile = Number(text);
    if (known.some((each) => Math.abs(each - quantile) < 1e-9)) return quantile;
    throw new LoadstoneError('LS-API-007', `quantiles: ${text} is not among ${known.join(', ')}`, pointer);
  });
}
