import type { ForecastAnswer } from '../../../../shared/contracts/planner.ts';
import { duration, kw, number, percent } from '../lib/format.ts';
import { useMemo } from 'preact/hooks';
import { peakOf, quantileSteps, type ErrorSoFar } from '../lib/series.ts';
import { dayClock, near } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { zone } from '../state/settings.ts';
import { moment, region, substationOf } from '../state/store.ts';
import { query } from '../state/route.ts';
import { Explanation } from './explanation.tsx';
import { ForecastChart, useForecast, type TargetKind } from './forecast-chart.tsx';
import { Place } from './place.tsx';
import { ScenarioPanel, useScenario } from './scenario-panel.tsx';
import { bandOf, partOf, StudioBar } from './studio-bar.tsx';
import type { Screen } from '../lib/screen.ts';
import { saidIn, t } from '../words/t.ts';

export const screen: Screen = {
  path: '/forecast/:id',
  title: (id) => t('Forecast {id}', { id }),
  Component: ForecastScreen,
  section: 'Overview',
};

/** The forecast studio: any vintage, any band, and a scenario beside its base. The address holds the choices. */
function ForecastScreen({ id }: { id: string }) {
  const substation = substationOf(id);
  const kind = kindOf(id);
  return (
    <>
      <Place id={id} title={t('Forecast {kind}', { kind: kind === 'feeder' ? id : (substation?.name ?? id) })} />
      <Targets id={id} screen="forecast" />
      <Studio kind={kind} id={id} key={`${kind}${id}`} />
    </>
  );
}

/** Returns the kind of target that an id names. */
export function kindOf(id: string): TargetKind {
  const substation = substationOf(id);
  if (region.value?.id === id) return 'region';
  return substation !== undefined && substation.id !== id ? 'feeder' : 'substation';
}

export function Targets({ id, screen }: { id: string; screen: 'forecast' | 'scorecards' }) {
  const substation = substationOf(id);
  if (substation === undefined) return null;
  const targets = [substation.id, ...substation.feeders, ...(region.value === null ? [] : [region.value.id])];
  return (
    <nav class="segments links-only" aria-label={t('Target')}>
      {targets.map((target) => (
        <a key={target} href={`/${screen}/${target}`} aria-current={target === id ? 'page' : undefined}>
          {target === region.value?.id ? region.value.name : target}
        </a>
      ))}
    </nav>
  );
}

function Studio({ kind, id }: { kind: TargetKind; id: string }) {
  const target = `${kind}:${id}`;
  const vintage = query.value.get('vintage') ?? undefined;
  const band = bandOf(query.value.get('band'));
  const { forecast, measured, error } = useForecast(kind, id, { vintage, band });
  const part = partOf(query.value.get('part'));
  const scenario = useScenario();
  const beside = useMemo(() => {
    if (scenario.state !== 'good' || scenario.value.target !== target || forecast.state !== 'good') return undefined;
    const steps = quantileSteps({ ...scenario.value, values: scenario.value.scenario.values }, 'P50');
    const end = Date.parse(forecast.value.start) + 48 * 3_600_000;
    // A scenario of another time has its own chart.
    return steps.start > end || steps.start < Date.parse(forecast.value.start) - 48 * 3_600_000
      ? undefined
      : { label: t('Scenario'), steps };
  }, [scenario, forecast, target]);
  const split = useMemo(() => {
    const values = part === undefined || forecast.state !== 'good' ? undefined : forecast.value.components?.[part];
    if (values === undefined || forecast.state !== 'good') return undefined;
    const steps = quantileSteps({ ...forecast.value, values: { quantile_P50: values } }, 'P50');
    return { label: `P50 ${part}`, steps };
  }, [forecast, part]);
  return (
    <>
      <StudioBar
        target={target}
        vintage={vintage}
        forecast={forecast.state === 'good' ? forecast.value : undefined}
        band={band}
        part={part}
      />
      {part !== undefined && forecast.state === 'good' && split === undefined && (
        <p class="notice">{t('This forecast has no parts: no weather is known for its place.')}</p>
      )}
      {forecast.state === 'loading' && <Waiting what={t('the forecast')} />}
      {forecast.state === 'bad' && <Problem problem={forecast.problem} />}
      {forecast.state === 'good' && (
        <div class="with-side">
          <Panel
            title={vintage === undefined ? t('Newest forecast against measured') : t('Vintage against measured')}
            aside={<span class="muted">{loadNote(forecast.value)}</span>}
          >
            <ForecastChart forecast={forecast.value} measured={measured} height={430} beside={beside ?? split} />
          </Panel>
          <Panel title={t('Where it comes from')}>
            <ForecastFacts forecast={forecast.value} error={error} />
          </Panel>
        </div>
      )}
      {forecast.state === 'good' && <Explanation forecast={forecast.value} />}
      <ScenarioPanel target={target} answer={scenario} isBeside={beside !== undefined} />
    </>
  );
}

export const loadNote = ({ load }: ForecastAnswer): string =>
  load === 'uncontrolled'
    ? t('forecast and measured: load without the devices that we command')
    : t('forecast and measured: {load} load', { load });

export function ForecastFacts({ forecast, error }: { forecast: ForecastAnswer; error: ErrorSoFar | null }) {
  const { model, weather, fallback, calibration, warnings, sentences } = forecast;
  const { now } = moment.value;
  const peak = peakOf(quantileSteps(forecast, 'P50'), forecast.limits);
  const when = (text: string): string => near(Date.parse(text), now, zone());
  return (
    <>
      <Facts
        rows={[
          [
            t('Issued'),
            t('{time} ({now} ago)', {
              time: when(forecast.issuedAt),
              now: duration(now - Date.parse(forecast.issuedAt)),
            }),
          ],
          [t('Measured up to'), when(forecast.dataUpTo)],
          [
            t('Peak of P50'),
            peak === null
              ? t('unknown')
              : t('{power} kW at {at}, {share} % of its limit', {
                  power: kw(peak.kw),
                  at: dayClock(peak.at, zone()),
                  share: number(peak.share * 100),
                }),
          ],
          [t('Model'), <span title={model.sha256 ?? ''}>{model.id}</span>],
          [
            t('Members'),
            Object.entries(model.members)
              .map(([name, share]) => `${name} ${number(share * 100)}\u00a0%`)
              .join(', ') || t('none'),
          ],
          [
            t('Weather'),
            weather === null ? (
              t('none used')
            ) : weather.hindcast ? (
              <>
                <b class="flag">{t('hindcast weather')}</b>{' '}
                <span class="muted">{t('recorded at the target hour: flatters the error')}</span>
              </>
            ) : (
              t('{source}, issued {time}', { source: weather.source, time: when(weather.issuedAt) })
            ),
          ],
          [t('Inputs present'), `${percent(forecast.inputCompleteness * 100)} %`],
          calibration === null
            ? [t('Coverage P10 to P90'), t('not scored yet')]
            : [
                t('Coverage P10 to P90'),
                t('{share} % of {n, plural, one {# step} other {# steps}} (80 wanted)', {
                  share: number(calibration.coverage80 * 100),
                  n: calibration.n,
                }),
              ],
          error === null
            ? [t('Error so far'), t('nothing measured yet')]
            : [
                t('Error so far'),
                t('{mae} kW mean, bias {bias} kW, {steps, plural, one {# step} other {# steps}}', {
                  mae: kw(error.maeKw),
                  bias: kw(error.biasKw),
                  steps: error.steps,
                }),
              ],
          error === null || error.inBand === null ? null : [t('In the band so far'), `${number(error.inBand * 100)} %`],
        ]}
      />
      {fallback !== null && (
        <p class="notice">
          <PriorityMark level={3} />
          {t('Fallback {level} since {time}: {reason}', {
            level: fallback.level,
            time: dayClock(Date.parse(fallback.since), zone()),
            reason: saidIn(fallback.reason, sentences),
          })}
        </p>
      )}
      {warnings.map((warning) => (
        <p class="notice" key={warning}>
          <PriorityMark level={3} />
          {saidIn(warning, sentences)}
        </p>
      ))}
    </>
  );
}
