import type { FeederView, SubstationView } from '../../../../shared/contracts/view.ts';
import { concerns } from '../lib/alarms.ts';
import { loadingLevel, powerLevel, voltageLevel, worst } from '../lib/assess.ts';
import { kw, number, percent, sentence, words } from '../lib/format.ts';
import { limitsOf, voltageLevelOf } from '../lib/substation.ts';
import { near } from '../lib/zone.ts';
import { LoadingBar, PowerBar, VoltageBar } from '../parts/bars.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { AlarmList, Findings } from '../parts/lists.tsx';
import { HeadTrend } from '../parts/head-trend.tsx';
import { PlaceStories } from '../parts/story.tsx';
import { Value, VoltageRange } from '../parts/value.tsx';
import { zone } from '../state/settings.ts';
import { alarms, allAlarms, feeders, gateways, gatewaysOf, moment, region, substationOf } from '../state/store.ts';
import { ForecastChart, useForecast } from './forecast-chart.tsx';
import { ForecastFacts, loadNote } from './forecast.tsx';
import { GatewayFacts } from './gateway-facts.tsx';
import { Place } from './place.tsx';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/substations/:id',
  title: (id) => id,
  Component: SubstationScreen,
  section: 'Overview',
  feeders: (id) => substationOf(id)?.feeders ?? [],
  gateways: gatewaysOf,
};

function SubstationScreen({ id }: { id: string }) {
  const substation = substationOf(id);
  return (
    <>
      <Place id={id} title={substation?.name ?? id} />
      {substation === undefined &&
        (region.value === null ? (
          <Waiting what={t('the region')} />
        ) : (
          <p class="waiting">{t('There is no substation {id}.', { id })}</p>
        ))}
      {substation !== undefined && <Substation substation={substation} />}
    </>
  );
}

function Substation({ substation }: { substation: SubstationView }) {
  const gateway = gateways.value.find(({ id }) => id === substation.gateway);
  const own = alarms.value.filter((alarm) => concerns(alarm, substation));
  return (
    <>
      <PlaceStories substation={substation.id} />
      <TransformerStrip substation={substation} />
      <Panel title={t('Feeders')} class="wide">
        <FeederTable substation={substation} />
      </Panel>
      <ForecastPanels id={substation.id} />
      <div class="halves">
        <div class="stack">
          <Panel title={t('Alarms')}>
            {own.length > 0 || allAlarms.value ? <AlarmList alarms={own} /> : <Waiting what={t('the alarms')} />}
          </Panel>
          <Panel title={t('Meters found wrong')}>
            <Findings substations={[substation]} />
          </Panel>
        </div>
        <Panel
          title={t('Gateway {gateway}', { gateway: substation.gateway })}
          aside={<a href="/gateways">{t('All gateways')}</a>}
        >
          {gateway === undefined ? <Waiting what={t('the gateway')} /> : <GatewayFacts gateway={gateway} />}
        </Panel>
      </div>
    </>
  );
}

function TransformerStrip({ substation }: { substation: SubstationView }) {
  const { activePowerKw, limits, loadingPct, voltageMinPu, voltageMaxPu, forecastPeak, nextMeters } = substation;
  const [nextMeter] = nextMeters ?? [];
  const level = loadingLevel(loadingPct.value);
  return (
    <section class="strip" aria-label={t('State of the transformer')}>
      <div class="strip-item wide">
        <span class="strip-name">{t('Net power of the transformer')}</span>
        <span class="strip-value">
          <Value
            value={activePowerKw}
            unit="kW"
            level={powerLevel(activePowerKw.value, limits)}
            age
            series={substation.series}
          />
        </span>
        <PowerBar value={activePowerKw} limits={limits} peakKw={forecastPeak?.kw ?? null} label={t('Net power')} />
        <span class="strip-note">
          {t('limits {least} to {most} kW', {
            least: number(-limits.exportKw),
            most: number(limits.importKw),
          })}
        </span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Loading')}</span>
        <span class="strip-value">
          <Value value={loadingPct} format={percent} unit="%" level={level} />
        </span>
        <LoadingBar value={loadingPct} label={t('Transformer')} />
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Voltage')}</span>
        <span class="strip-value">
          <VoltageRange low={voltageMinPu} high={voltageMaxPu} level={voltageLevelOf(substation)} unit="pu" />
        </span>
        <VoltageBar low={voltageMinPu} high={voltageMaxPu} limits={limitsOf(substation)} label={t('Voltage')} />
        {nextMeter !== undefined && (
          <span class="strip-note">
            {t('a voltage meter at {bus} would lower its error by {share} %', {
              bus: nextMeter.bus,
              share: percent(nextMeter.reductionPct),
            })}
          </span>
        )}
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Forecast peak')}</span>
        <span class="strip-value">{forecastPeak === null ? t('unknown') : `${kw(forecastPeak.kw)} kW`}</span>
        <span class="strip-note">
          {forecastPeak === null ? t('no forecast yet') : near(forecastPeak.at, moment.value.now, zone())}
        </span>
      </div>
    </section>
  );
}

function FeederTable({ substation }: { substation: SubstationView }) {
  return (
    <table class="data stations">
      <thead>
        <tr>
          <th scope="col">{t('Feeder')}</th>
          <th scope="col" class="num">
            {t('Head, kW')}
          </th>
          <th scope="col" class="from-tablet">
            {t('30 min')}
          </th>
          <th scope="col" class="num">
            {t('Load, %')}
          </th>
          <th scope="col" class="bar-cell">
            {t('Head against its limit')}
          </th>
          <th scope="col" class="bar-cell from-tablet">
            {t('Voltage')}
          </th>
          <th scope="col" class="from-tablet">
            {t('Range, pu')}
          </th>
          <th scope="col" class="num from-tablet">
            {t('Tap')}
          </th>
          <th scope="col" class="from-tablet">
            {t('Mode')}
          </th>
          <th scope="col" class="from-tablet">
            {t('Devices')}
          </th>
        </tr>
      </thead>
      <tbody>
        {substation.feeders.map((id) => (
          <FeederRow key={id} id={id} view={feeders.value[id]} />
        ))}
      </tbody>
    </table>
  );
}

function FeederRow({ id, view }: { id: string; view: FeederView | undefined }) {
  const link = (
    <th scope="row">
      <a class="row-link" href={`/feeders/${id}`}>
        {view?.name ?? id}
      </a>
      <span class="tag">{id}</span>
    </th>
  );
  if (view === undefined) {
    return (
      <tr>
        {link}
        <td colSpan={9} class="muted">
          {t('waiting for its first estimate')}
        </td>
      </tr>
    );
  }
  const volts = [...view.buses]
    .filter(({ voltagePu }) => voltagePu.value !== null)
    .sort((a, b) => a.voltagePu.value! - b.voltagePu.value!);
  const [low, high] = [volts[0], volts.at(-1)];
  const level = loadingLevel(view.head.loadingPct.value);
  const silent = view.devices.filter((device) => device.link !== 'up').length;
  return (
    <tr>
      {link}
      <td class="num">
        <Value value={view.head.activePowerKw} series={view.head.series} />
      </td>
      <td class="from-tablet spark-cell">
        <HeadTrend view={view} />
      </td>
      <td class="num">
        <Value value={view.head.loadingPct} format={percent} level={level} bare />
      </td>
      <td class="bar-cell">
        <LoadingBar value={view.head.loadingPct} label={view.name} />
      </td>
      <td class="bar-cell from-tablet">
        {low !== undefined && (
          <VoltageBar
            low={low.voltagePu}
            high={high!.voltagePu}
            limits={low}
            label={t('{name} voltage', { name: view.name })}
          />
        )}
      </td>
      <td class="when from-tablet">
        {low === undefined ? (
          t('unknown')
        ) : (
          <VoltageRange
            low={low.voltagePu}
            high={high!.voltagePu}
            level={worst(voltageLevel(low.voltagePu.value, low), voltageLevel(high!.voltagePu.value, high!))}
          />
        )}
      </td>
      <td class="num from-tablet">
        <Value value={view.tapPosition} />
      </td>
      <td class="from-tablet">{sentence(words(view.mode))}</td>
      <td class="from-tablet">
        {t('{count, plural, one {# device} other {# devices}}', { count: view.devices.length })}
        {silent > 0 && <b class="strong">{t(', {silent} silent', { silent })}</b>}
      </td>
    </tr>
  );
}

function ForecastPanels({ id }: { id: string }) {
  const { forecast, measured, error } = useForecast('substation', id);
  if (forecast.state === 'loading') return <Waiting what={t('the forecast')} />;
  if (forecast.state === 'bad') {
    return (
      <Panel title={t('Forecast')} class="wide">
        <Problem problem={forecast.problem} />
      </Panel>
    );
  }
  return (
    <div class="with-side">
      <Panel
        title={t('Forecast against measured')}
        aside={<span class="muted from-tablet">{loadNote(forecast.value)}</span>}
      >
        <ForecastChart forecast={forecast.value} measured={measured} height={300} />
      </Panel>
      <Panel title={t('Where it comes from')}>
        <ForecastFacts forecast={forecast.value} error={error} />
      </Panel>
    </div>
  );
}
