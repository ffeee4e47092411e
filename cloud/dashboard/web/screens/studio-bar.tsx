import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import type { ForecastAnswer, VintageRow } from '../../../../shared/contracts/planner.ts';
import { near } from '../lib/zone.ts';
import { Problem } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { startForecast } from '../state/forecast-jobs.ts';
import { choose } from '../state/route.ts';
import { may, needs } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { hasPlantTime, moment, newestForecast, quarter } from '../state/store.ts';
import { t, translate } from '../words/t.ts';

/** Outer bands by the share below them, %. */
const BANDS = [5, 10, 20, 30, 40] as const;
const QUARTER_MS = 900_000;

export const bandOf = (text: string | null): number => BANDS.find((band) => String(band) === text) ?? 5;

export const PARTS = ['solar', 'wind', 'other'] as const;
export type Part = (typeof PARTS)[number];

export const partOf = (text: string | null): Part | undefined => PARTS.find((part) => part === text);

interface BarProps {
  readonly target: string;
  readonly vintage: string | undefined;
  /** The forecast shown, once it has loaded: a vintage that does not cover the present is in no list. */
  readonly forecast: ForecastAnswer | undefined;
  readonly band: number;
  /** Component of the median, shown beside the whole. */
  readonly part: Part | undefined;
}

/** Chooses a vintage of those that cover the current quarter of an hour, and a band. */
export function StudioBar({ target, vintage, forecast, band, part }: BarProps) {
  const start = quarter.value * QUARTER_MS;
  const iso = (time: number): string => new Date(time).toISOString();
  const path = `/v1/forecasts?target=${target}&start=${iso(start)}&end=${iso(start + QUARTER_MS)}&vintages=all&quantiles=0.5&limit=1000`;
  const vintages = useAnswer<{ items: VintageRow[] }>(
    hasPlantTime.value ? path : null,
    newestForecast.value[target] ?? '',
  );
  const rows = vintages.state === 'good' ? vintages.value.items.toReversed() : [];
  const isListed = vintage === undefined || rows.some(({ forecastId }) => forecastId === vintage);
  const { now } = moment.value;
  const issued = (at: string): string => near(Date.parse(at), now, zone());
  return (
    <form class="filters studio" onSubmit={(event) => event.preventDefault()} aria-label={t('What is shown')}>
      <label>
        {t('Vintage')}
        <select value={vintage ?? ''} onChange={(event) => choose('vintage', event.currentTarget.value)}>
          <option value="">{t('newest')}</option>
          {!isListed && <option value={vintage}>{nameOf(vintage, forecast, issued)}</option>}
          {rows.map(({ forecastId, issuedAt, isFallback }) => (
            <option key={forecastId} value={forecastId}>
              {t('issued {time}{fallback}', {
                time: issued(issuedAt),
                fallback: isFallback ? t(', fallback') : '',
              })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('Band')}
        <select
          value={String(band)}
          onChange={(event) => choose('band', event.currentTarget.value === '5' ? '' : event.currentTarget.value)}
        >
          {BANDS.map((each) => (
            <option key={each} value={String(each)}>
              {t('P{low} to P{high}', { low: each, high: 100 - each })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('Part')}
        <select value={part ?? ''} onChange={(event) => choose('part', event.currentTarget.value)}>
          <option value="">{t('none beside')}</option>
          {PARTS.map((each) => (
            <option key={each} value={each}>
              {translate(each)}
            </option>
          ))}
        </select>
      </label>
      <WeekAhead target={target} />
    </form>
  );
}

function nameOf(id: string, forecast: ForecastAnswer | undefined, issued: (at: string) => string): string {
  if (forecast?.id !== id) return id;
  const time = issued(forecast.issuedAt);
  return forecast.extension === null
    ? t('issued {time}{fallback}', { time, fallback: forecast.fallback === null ? '' : t(', fallback') })
    : t('seven days, issued {time}', { time });
}

/** Seven days from now: beyond the model's two days, only calendar and load are used. */
function WeekAhead({ target }: { target: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const started = await startForecast({ target, horizon: 'P7D' });
    setBusy(false);
    if ('problem' in started) setProblem(started.problem);
    else choose('vintage', started.id);
  };
  const mayAsk = may('planner:write');
  return (
    <>
      <button
        type="button"
        disabled={busy || !mayAsk}
        title={mayAsk ? t('Seven days from now') : needs(t('a planner'))}
        onClick={() => void run()}
      >
        {busy ? t('Asking') : t('Seven days')}
      </button>
      {problem !== null && <Problem problem={problem} />}
    </>
  );
}
