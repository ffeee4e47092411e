import { useEffect, useRef } from 'preact/hooks';
import type { FeederView, RegionView } from '../../../../shared/contracts/view.ts';
import { powerLevel } from '../lib/assess.ts';
import { controlAt } from '../lib/control-words.ts';
import { kw, number } from '../lib/format.ts';
import { levelOf } from '../lib/substation.ts';
import { PowerBar } from '../parts/bars.tsx';
import { ControlMarks } from '../parts/control-marks.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { Findings } from '../parts/lists.tsx';
import { SubstationMap } from '../parts/map.tsx';
import { Value } from '../parts/value.tsx';
import { DeviceTable, DiagramPanel, HeadStrip } from '../screens/feeder.tsx';
import { SubstationTable } from '../screens/substation-table.tsx';
import { useAnswer } from '../state/api.ts';
import { query } from '../state/route.ts';
import { atText, playbackPath, playedBack } from '../state/shown.ts';
import { hasPlantTime, moment, region, substationOf } from '../state/store.ts';
import { PlaybackBar } from './playback-bar.tsx';
import { useReturnToLive } from './return-to-live.ts';
import { t } from '../words/t.ts';

/** Overview, map and diagram at a past moment: marked as past, without controls, with the live alarms around them. */
export function PlaybackView({ id }: { id: string }) {
  const asked = useAsked();
  useReturnToLive(id);
  // Leaving playback switches values back to the live moment.
  useEffect(() => () => void (playedBack.value = null), []);
  const path = `/v1/view/${id === '' ? 'region' : `feeders/${encodeURIComponent(id)}`}`;
  const answer = useAnswer<RegionView | FeederView>(asked === null ? null : `${path}?at=${atText(asked)}`);
  const view = answer.state === 'good' ? answer.value : null;
  const at = view === null ? asked : 'clock' in view ? view.clock.plantTime : view.time;
  if (at !== null && playedBack.peek()?.now !== at)
    playedBack.value = { now: at, speed: region.peek()?.clock.speed ?? 1 };
  const title = view?.name ?? substationOf(id)?.name ?? id;
  return (
    <div class="played-back">
      <PlaybackBar id={id} asked={asked} at={at} hasFailed={answer.state === 'bad'} />
      <div class="place">
        <h1 tabIndex={-1}>{t('{title}, played back', { title: title || t('Area') })}</h1>
        {asked !== null && <Places id={id} at={asked} />}
      </div>
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'loading' && <Waiting what={t('that moment')} />}
      {view !== null && ('clock' in view ? <PastArea view={view} /> : <PastFeeder view={view} />)}
    </div>
  );
}

/** The moment in the address, or a quarter of an hour ago; null until plant time is known. */
function useAsked(): number | null {
  const began = useRef<number | null>(null);
  const named = Date.parse(query.value.get('at') ?? '');
  if (!Number.isNaN(named)) return named;
  if (hasPlantTime.value) began.current ??= Math.floor(moment.peek().now / 60_000 - 15) * 60_000;
  return began.current;
}

/** Links to the area and the feeders at the same moment. */
function Places({ id, at }: { id: string; at: number }) {
  const substation = substationOf(id);
  const tab = (feeder: string, text: string) => (
    <a key={feeder} href={playbackPath(feeder, at)} aria-current={feeder === id ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <nav class="tabs" aria-label={t('Played back')}>
      {tab('', t('Area'))}
      {substation?.feeders.map((feeder) => tab(feeder, t('Feeder {feeder}', { feeder })))}
    </nav>
  );
}

function PastArea({ view }: { view: RegionView }) {
  const levels = new Map(view.substations.map((substation) => [substation.id, levelOf(substation, [])]));
  const control = view.substations.flatMap((each) =>
    each.control.map((item) => ({ ...item, place: each.id.toUpperCase() })),
  );
  const unrecorded = view.substations.filter(({ recordedAt }) => recordedAt === null);
  return (
    <>
      <PastStrip view={view} />
      <ControlMarks items={control} />
      {unrecorded.length > 0 && <NotRecorded what={unrecorded.map(({ id }) => id.toUpperCase()).join(', ')} />}
      <div class="past-area">
        <Panel title={t('Area')} label={t('Map')}>
          <SubstationMap substations={view.substations} levels={levels} />
        </Panel>
        <Panel
          title={t('Substations')}
          aside={<span class="muted">{t('consumption positive, feed-in negative')}</span>}
        >
          <SubstationTable substations={view.substations} levels={levels} />
        </Panel>
      </div>
      {unrecorded.length < view.substations.length && (
        <Panel title={t('Meters found wrong')}>
          <Findings substations={view.substations} />
        </Panel>
      )}
    </>
  );
}

function PastStrip({ view }: { view: RegionView }) {
  const { substations, limits } = view;
  const known = substations.filter(({ recordedAt }) => recordedAt !== null);
  const alarms = known.reduce((sum, each) => sum + (each.alarms ?? 0), 0);
  const counted = (count: number): string =>
    known.length === 0 ? t('unknown') : t('{count} of {known}', { count, known: known.length });
  const rest = substations.length - known.length;
  const note = rest === 0 || known.length === 0 ? '' : t('{rest} not recorded', { rest });
  return (
    <section class="strip" aria-label={t('State of the area then')}>
      <div class="strip-item wide">
        <span class="strip-name">{t('Net power of the area')}</span>
        <span class="strip-value">
          <Value value={view.activePowerKw} unit="kW" level={powerLevel(view.activePowerKw.value, limits)} />
        </span>
        <PowerBar value={view.activePowerKw} limits={limits} label={t('Net power of the area')} />
        <span class="strip-note">
          {t('limits {least} to {most} kW', {
            least: number(-limits.exportKw),
            most: kw(limits.importKw),
          })}
        </span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Alarms of gateways that stood')}</span>
        <span class="strip-value">{known.length === 0 ? t('unknown') : number(alarms)}</span>
        <span class="strip-note">
          <a href="/events">{t('What was reported')}</a>
        </span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Plans optimal')}</span>
        <span class="strip-value">{counted(known.filter(({ planStatus }) => planStatus === 'optimal').length)}</span>
        <span class="strip-note">{note}</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Gateways up')}</span>
        <span class="strip-value">{counted(known.filter(({ link }) => link.state === 'up').length)}</span>
        <span class="strip-note">{note}</span>
      </div>
    </section>
  );
}

function PastFeeder({ view }: { view: FeederView }) {
  return (
    <>
      {view.recordedAt === null && <NotRecorded what={t('this feeder')} />}
      <ControlMarks items={controlAt(view.control ?? [], view.id)} />
      <HeadStrip view={view} />
      <DiagramPanel view={view} />
      <Panel title={t('Devices')}>
        <DeviceTable view={view} />
      </Panel>
    </>
  );
}

const NotRecorded = ({ what }: { what: string }) => (
  <p class="muted" role="status">
    {t(
      'Of {what} modes, overrides, setpoints, links, plans and alarms were not recorded at this moment: they are unknown.',
      { what },
    )}
  </p>
);
