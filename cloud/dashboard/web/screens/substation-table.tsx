import type { SubstationView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, powerLevel, type Level } from '../lib/assess.ts';
import { controlCounts, controlText } from '../lib/control-words.ts';
import { kw, percent } from '../lib/format.ts';
import { limitsOf, planLabel, voltageLevelOf } from '../lib/substation.ts';
import { near } from '../lib/zone.ts';
import { PowerBar, VoltageBar } from '../parts/bars.tsx';
import { LinkMark, PriorityMark } from '../parts/marks.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Value, VoltageRange } from '../parts/value.tsx';
import { zone } from '../state/settings.ts';
import { openIncidents } from '../state/incidents.ts';
import { placePath, playedBack, shownMoment } from '../state/shown.ts';
import { incidentsOf } from '../lib/incident-words.ts';
import { t, translate } from '../words/t.ts';

/** All substations with load against limits, forecast peak, plan and link, one row each. */
export function SubstationTable({
  substations,
  levels,
}: {
  substations: readonly SubstationView[];
  levels: ReadonlyMap<string, Level>;
}) {
  return (
    <table class="data stations">
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">{t('Priority')}</span>
          </th>
          <th scope="col">{t('Substation')}</th>
          <th scope="col" class="num noted">
            {t('Net, kW')}
          </th>
          <th scope="col" class="bar-cell">
            {t('Against limits')}
          </th>
          {playedBack.value === null && (
            <th scope="col" class="from-tablet">
              {t('30 min')}
            </th>
          )}
          <th scope="col" class="num">
            {t('Load, %')}
          </th>
          <th scope="col" class="bar-cell short from-desk">
            {t('Voltage, pu')}
          </th>
          <th scope="col" class="from-wide">
            <span class="unseen">{t('Voltage range')}</span>
          </th>
          <th scope="col" class="num from-tablet" colSpan={2}>
            {t('Forecast peak, kW')}
          </th>
          <th scope="col" class="from-tablet">
            {t('Plan')}
          </th>
          <th scope="col" class="from-tablet">
            {t('Gateway')}
          </th>
        </tr>
      </thead>
      <tbody>
        {substations.map((substation) => (
          <Row key={substation.id} substation={substation} level={levels.get(substation.id) ?? null} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ substation, level }: { substation: SubstationView; level: Level }) {
  const {
    id,
    name,
    activePowerKw,
    limits,
    forecastPeak,
    loadingPct,
    voltageMinPu,
    voltageMaxPu,
    planStatus,
    link,
    control,
  } = substation;
  const load = loadingLevel(loadingPct.value);
  return (
    <tr>
      <td class="mark-cell">
        <PriorityMark level={level} />
      </td>
      <th scope="row">
        <a class="row-link" href={placePath(id, substation.feeders)}>
          {name}
        </a>
        <span class="tag">{id.toUpperCase()}</span>
        {control.length > 0 && (
          <span class="flag in-hand" title={control.map(controlText).join('; ')}>
            {control.length}
            <span class="unseen">{` ${t('not left to the plan: {control}', { control: controlCounts(control) })}`}</span>
          </span>
        )}
      </th>
      <td class="num noted">
        <Value value={activePowerKw} level={powerLevel(activePowerKw.value, limits) === 1 ? 1 : null} short />
      </td>
      <td class="bar-cell">
        <PowerBar
          value={activePowerKw}
          limits={limits}
          peakKw={forecastPeak?.kw ?? null}
          label={t('{name} net power', { name })}
        />
      </td>
      {playedBack.value === null && (
        <td class="from-tablet spark-cell">
          <Sparkline
            series={substation.series}
            value={activePowerKw}
            limits={[limits.importKw, -limits.exportKw]}
            label={name}
            width={56}
            since={sinceOf(id)}
          />
        </td>
      )}
      <td class="num">
        <Value value={loadingPct} format={percent} level={load} bare />
      </td>
      <td class="bar-cell short from-desk">
        <VoltageBar
          low={voltageMinPu}
          high={voltageMaxPu}
          limits={limitsOf(substation)}
          label={t('{name} voltage', { name })}
        />
      </td>
      <td class="when from-wide">
        <VoltageRange low={voltageMinPu} high={voltageMaxPu} level={voltageLevelOf(substation)} />
      </td>
      <td class="num from-tablet">
        {forecastPeak === null ? (
          <span class="unknown">{t('unknown')}</span>
        ) : (
          <Peak kw={forecastPeak.kw} limits={limits} />
        )}
      </td>
      <td class="from-tablet muted when">
        {forecastPeak === null ? '' : near(forecastPeak.at, shownMoment.value.now, zone())}
      </td>
      <td class={`from-tablet when${planStatus === 'optimal' ? ' muted' : ' strong'}`}>{planLabel(planStatus)}</td>
      <td class="from-tablet">
        <span class="link-cell">
          <LinkMark state={link.state === 'up' ? 'up' : link.state === 'down' ? 'down' : 'unknown'} />
          {translate(link.state)}
        </span>
      </td>
    </tr>
  );
}

const sinceOf = (substation: string): number | null =>
  incidentsOf(openIncidents.value, { substation })[0]?.startedAt ?? null;

/** A forecast peak: beyond its limit it is an early warning, not yet an alarm. */
function Peak({ kw: peak, limits }: { kw: number; limits: SubstationView['limits'] }) {
  const beyond = powerLevel(peak, limits) === 1;
  return (
    <span class={`link-cell${beyond ? ' level-2' : ''}`}>
      {beyond && <PriorityMark level={2} label={t('predicted beyond its limit')} />}
      {kw(peak)}
    </span>
  );
}
