import { useState } from 'preact/hooks';
import type { RegionView, SubstationView } from '../../../../shared/contracts/view.ts';
import { NO_ALARMS } from '../lib/alarms.ts';
import { powerLevel, type Priority } from '../lib/assess.ts';
import type { AreaPart } from '../lib/areas.ts';
import { kw, number } from '../lib/format.ts';
import { levelOf, planLabel } from '../lib/substation.ts';
import { near } from '../lib/zone.ts';
import { ControlMarks } from '../parts/control-marks.tsx';
import { PowerBar } from '../parts/bars.tsx';
import { Panel, Waiting } from '../parts/layout.tsx';
import { AlarmList, Findings } from '../parts/lists.tsx';
import { SubstationMap } from '../parts/map.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { Stories } from '../parts/story.tsx';
import { Value } from '../parts/value.tsx';
import { changeAreas, concernsMe, shared } from '../state/areas.ts';
import { whyLost } from '../state/controls.ts';
import { may } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { alarmDesk, alarms, areas, controlsOn, moment, region } from '../state/store.ts';
import { SubstationTable } from './substation-table.tsx';
import type { Screen } from '../lib/screen.ts';
import { t, translate } from '../words/t.ts';

export const screen: Screen = {
  path: '/',
  title: 'Overview',
  Component: Overview,
  section: 'Overview',
  entries: [{ menu: 'main', text: 'Overview', at: 10 }],
};

/** The whole region on one screen. */
function Overview() {
  const view = region.value;
  if (view === null) {
    return (
      <>
        <h1 class="unseen" tabIndex={-1}>
          {t('Overview')}
        </h1>
        <Waiting what={t('the first values of the region')} />
      </>
    );
  }
  const standing = alarms.value;
  const counts = alarmDesk.value?.standing ?? null;
  const levels = new Map(view.substations.map((substation) => [substation.id, levelOf(substation, standing)]));
  return (
    <>
      <div class="overview-head">
        <AreaStrip view={view} counts={counts} />
        <ControlMarks
          items={view.substations.flatMap(({ id, control }) =>
            control.map((each) => ({ ...each, place: id.toUpperCase() })),
          )}
          most={4}
        />
        <Stories />
      </div>
      <Panel title={t('Area')} class="area-map" label={t('Map')} aside={<a href="/playback">{t('Play back')}</a>}>
        <SubstationMap substations={view.substations} levels={levels} />
      </Panel>
      <Panel
        title={t('Substations')}
        class="area-list"
        aside={<span class="muted">{t('consumption positive, feed-in negative')}</span>}
      >
        <SubstationTable substations={view.substations} levels={levels} />
      </Panel>
      <Panel title={t('Alarms')} class="area-alarms" aside={<AllAlarms counts={counts ?? NO_ALARMS} />}>
        {counts === null ? <Waiting what={t('the alarms')} /> : <AlarmList alarms={standing.filter(concernsMe)} />}
      </Panel>
      <Panel title={t('Meters found wrong')} class="area-findings">
        <Findings substations={view.substations} />
      </Panel>
    </>
  );
}

function AllAlarms({ counts }: { counts: Readonly<Record<Priority, number>> }) {
  const standing = counts[1] + counts[2] + counts[3];
  return (
    <a href="/alarms">
      {standing === 0
        ? t('All alarms')
        : t('{standing, plural, one {# standing} other {All # standing}}', { standing })}
    </a>
  );
}

/** `counts` is null until the alarms arrive. */
function AreaStrip({ view, counts }: { view: RegionView; counts: Readonly<Record<Priority, number>> | null }) {
  const peaks = view.substations.filter((each) => each.forecastPeak !== null);
  const next = peaks
    .map((each) => ({
      ...each.forecastPeak!,
      name: each.name,
      share:
        Math.abs(each.forecastPeak!.kw) / (each.forecastPeak!.kw < 0 ? each.limits.exportKw : each.limits.importKw),
    }))
    .sort((a, b) => b.share - a.share)[0];
  const plans = view.substations.filter(({ planStatus }) => planStatus === 'optimal').length;
  return (
    <section class="strip" aria-label={t('State of the area')}>
      <h1 tabIndex={-1}>{view.name}</h1>
      <div class="strip-item wide">
        <span class="strip-name">{t('Net power of the area')}</span>
        <span class="strip-value">
          <Value value={view.activePowerKw} unit="kW" level={powerLevel(view.activePowerKw.value, view.limits)} />
        </span>
        <PowerBar value={view.activePowerKw} limits={view.limits} label={t('Net power of the area')} />
        <span class="strip-note">
          {t('limits {least} to {most} kW', {
            least: number(-view.limits.exportKw),
            most: number(view.limits.importKw),
          })}
        </span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Standing alarms')}</span>
        <span class="strip-value">
          {counts === null
            ? t('unknown')
            : ([1, 2, 3] as const).map((priority) => (
                <span key={priority} class={`count${counts[priority] === 0 ? ' muted' : ''}`}>
                  <PriorityMark level={priority} />
                  {counts[priority]}
                </span>
              ))}
        </span>
        <span class="strip-note">{t('by priority')}</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Closest forecast peak')}</span>
        <span class="strip-value">
          {next !== undefined && next.share > 1 && <PriorityMark level={2} label={t('predicted beyond its limit')} />}
          {next === undefined ? t('unknown') : t('{share} % of limit', { share: number(next.share * 100) })}
        </span>
        <span class="strip-note">
          {next === undefined
            ? t('no forecast yet')
            : t('{name}, {power} kW at {at}', {
                name: next.name,
                power: kw(next.kw),
                at: near(next.at, moment.value.now, zone()),
              })}
        </span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Plans optimal')}</span>
        <span class="strip-value">
          {t('{plans} of {substations}', { plans, substations: view.substations.length })}
        </span>
        <span class="strip-note">{planNote(view.substations)}</span>
      </div>
      <AreaItem />
    </section>
  );
}

/** Holders of the areas; areas that nobody holds can be taken here. */
function AreaItem() {
  const [problem, setProblem] = useState('');
  const { mine, free, offered, others } = shared.value;
  if (areas.value === null) return null;
  const all = mine.length + free.length + others.length;
  const open = [...free, ...offered].map(({ target }) => target);
  const take = async (): Promise<void> =>
    setProblem(translate((await changeAreas('take', { areas: open, freeOnly: true }))?.detail ?? ''));
  return (
    <div class="strip-item">
      <span class="strip-name">
        <a href="/areas">{t('Areas')}</a>
      </span>
      <span class="strip-value">
        {free.length === 0
          ? t('all {all} held', { all })
          : t('{all} of {all2} held', { all: all - free.length, all2: all })}
      </span>
      {may('operate') && open.length > 0 ? (
        <button type="button" class="quiet" disabled={!controlsOn.value} title={whyLost()} onClick={() => void take()}>
          {free.length === 0
            ? t('Take {offered} offered to you', { offered: offered.length })
            : t('Take what nobody holds')}
        </button>
      ) : (
        <span class="strip-note">
          {mine.length > 0 ? t('{mine} yours', { mine: mine.length }) : holdersOf(others) || t('open to all operators')}
        </span>
      )}
      {problem !== '' && <span role="status">{problem}</span>}
    </div>
  );
}

const holdersOf = (parts: readonly AreaPart[]): string =>
  [...new Set(parts.map(({ held }) => held!.holder))].join(', ');

function planNote(substations: readonly SubstationView[]): string {
  const others = substations.filter(({ planStatus }) => planStatus !== 'optimal');
  if (others.length === 0) return t('all optimal');
  const groups = Map.groupBy(others, ({ planStatus }) => planLabel(planStatus));
  return [...groups].map(([label, of]) => `${label} ${of.map(({ id }) => id.toUpperCase()).join(', ')}`).join('; ');
}
