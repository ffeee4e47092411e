import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import type { TrendView } from '../../../../shared/contracts/trend.ts';
import {
  costText,
  entryText,
  isHeard,
  jumpText,
  levelOfIncident,
  limitText,
  reliefText,
  screenOf,
  stateText,
  titleText,
  whoText,
} from '../lib/incident-words.ts';
import { duration, euro, kw, number } from '../lib/format.ts';
import { lookedTo } from '../lib/look.ts';
import { date, near, nearSeconds } from '../lib/zone.ts';
import { Facts, Panel, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { useSize } from '../parts/use-size.ts';
import { useAnswer } from '../state/api.ts';
import { zone } from '../state/settings.ts';
import { playbackPath } from '../state/shown.ts';
import { feeders, moment, quarter, substationOf } from '../state/store.ts';
import { incidentChart, type ChartLine } from './incident-chart.ts';
import { incidentPage } from './incident-page.ts';
import { savePage } from './saved-page.ts';
import { t } from '../words/t.ts';

/** One incident from start to end, with its actors, its curves, and a file to pass on. */
export function Incident({ incident }: { incident: IncidentView }) {
  const { now } = moment.value;
  const name = substationOf(incident.substation)?.name ?? incident.substation;
  const title = titleText(incident, name);
  const lines = useLines(incident);
  const jump = jumpText(incident);
  return (
    <>
      <div class="place incident-head">
        <h1 tabIndex={-1}>
          <PriorityMark level={levelOfIncident(incident)} />
          {title}
        </h1>
        <span class="muted">{`${near(incident.startedAt, now, zone())}, ${stateText(incident, { now, zone: zone() })}`}</span>
        <a class="button quiet" href={screenOf(incident)}>
          {t('Go to the diagram')}
        </a>
        <a class="button quiet" href={playFrom(incident)}>
          {t('Play from here')}
        </a>
        <button type="button" onClick={() => handOn(incident, title, lines)}>
          {t('Save as a page')}
        </button>
      </div>
      <section class="panel wide told" aria-label={t('In short')}>
        <ul>
          {jump !== null && <li>{jump}</li>}
          <li>{limitText(incident)}</li>
          <li>{reliefText(incident)}</li>
          <li>{t('Cost: {incident}.', { incident: costText(incident) })}</li>
        </ul>
      </section>
      <Panel title={t('Power')} class="wide" aside={<span class="muted">{t('kW, consumption positive')}</span>}>
        {lines.length === 0 ? <Waiting what={t('what was measured')} /> : <Curve incident={incident} lines={lines} />}
      </Panel>
      <div class="with-side">
        <Panel title={t('What happened')}>
          <Entries incident={incident} />
        </Panel>
        <Panel title={t('Who relieved it')}>
          <Reliefs incident={incident} />
        </Panel>
      </div>
    </>
  );
}

/** Opens playback a minute before the start, at its feeder or the first one of its substation. */
function playFrom({ feeder, substation, startedAt }: IncidentView): string {
  const at = Math.floor(startedAt / 60_000 - 1) * 60_000;
  return playbackPath(feeder ?? substationOf(substation)?.feeders[0] ?? '', at);
}

function Entries({ incident }: { incident: IncidentView }) {
  const { now } = moment.value;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('What happened, in order')}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t('Time')}</th>
            <th scope="col" class="num">
              {t('After')}
            </th>
            <th scope="col">{t('What')}</th>
            <th scope="col">{t('Who')}</th>
          </tr>
        </thead>
        <tbody>
          {incident.entries.map((entry, at) => (
            <tr key={`${entry.at} ${entry.code} ${at}`}>
              <td class="when">{nearSeconds(entry.at, now, zone())}</td>
              <td class="num muted">{entry.at <= incident.startedAt ? '' : duration(entry.at - incident.startedAt)}</td>
              <td>{entryText(entry)}</td>
              <td>{whoText(entry)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Reliefs({ incident }: { incident: IncidentView }) {
  const { now } = moment.value;
  if (incident.reliefs.length === 0) return <p class="muted waiting">{reliefText(incident)}</p>;
  return (
    <Facts
      rows={incident.reliefs.map(({ device, kw: most, energyKwh, costEur, since, until }) => [
        device,
        <>
          {t('up to {most} kW, {energy} kWh{cost}', {
            most: kw(most),
            energy: number(energyKwh, 1),
            cost: costEur === null ? '' : `, ${euro(costEur)}`,
          })}
          <br />
          <span class="muted">
            {t('{since} to {until}', {
              since: nearSeconds(since, now, zone()),
              until: until === null ? untilText(incident) : nearSeconds(until, now, zone()),
            })}
          </span>
        </>,
      ])}
    />
  );
}

/** End of a relief in progress. */
const untilText = (incident: IncidentView): string => (isHeard(incident) ? t('now') : t('when it was last heard'));

const BEFORE_MS = 5 * 60_000;
const AFTER_MS = 5 * 60_000;

/** Measurements of the feeder's head and the transformer, from some minutes before to some minutes after. */
function useLines({ feeder, substation, startedAt, endedAt }: IncidentView): readonly ChartLine[] {
  const series = [
    feeder === null ? undefined : feeders.value[feeder]?.head.series,
    substationOf(substation)?.series,
  ].filter((each) => each !== undefined);
  const { now, speed } = moment.value;
  const until = lookedTo(now, { spanMs: now - startedAt, speed });
  const end = Math.min(until, (endedAt ?? until) + AFTER_MS);
  const path = `/v1/trends?series=${series.join(',')}&start=${iso(startedAt - BEFORE_MS)}&end=${iso(end)}&points=600`;
  const answer = useAnswer<TrendView>(series.length === 0 ? null : path, quarter.value);
  if (answer.state !== 'good') return [];
  const { start, stepS, items } = answer.value;
  return items.map(({ series: of, mean }) => ({
    label: of.split('/')[1] === 'transformer' ? t('Transformer') : t('Head of {feeder}', { feeder: feeder ?? '' }),
    dots: mean.map((value, at) => ({ time: start + at * stepS * 1000, value })),
  }));
}

const iso = (time: number): string => new Date(Math.round(time / 1000) * 1000).toISOString();

function Curve({ incident, lines }: { incident: IncidentView; lines: readonly ChartLine[] }) {
  const { ref, width } = useSize();
  return (
    <div
      ref={ref}
      class="incident-curve"
      tabIndex={0}
      role="group"
      aria-label={t('Curves')}
      dangerouslySetInnerHTML={{
        __html: width === 0 ? '' : incidentChart(incident, lines, { zone: zone(), width: Math.max(300, width) }),
      }}
    />
  );
}

/** Saves the incident as a file for any browser. */
function handOn(incident: IncidentView, title: string, lines: readonly ChartLine[]): void {
  const html = incidentPage(incident, { title, lines, zone: zone(), now: moment.peek().now });
  savePage(html, `incident-${incident.id}-${date(incident.startedAt, zone()).replaceAll(' ', '-')}.html`);
}
