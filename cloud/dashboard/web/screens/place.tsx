import { useEffect, useRef } from 'preact/hooks';
import type { SubstationView } from '../../../../shared/contracts/view.ts';
import { controlAt } from '../lib/control-words.ts';
import { levelOf, levelOfFeeder } from '../lib/substation.ts';
import { ControlMarks } from '../parts/control-marks.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { alarms, feeders, substationOf } from '../state/store.ts';
import { baseOf } from '../lib/screen.ts';
import { route, screens } from '../state/route.ts';
import { t } from '../words/t.ts';

/** The current place, with links to the screens of the same substation. */
export function Place({ id, title }: { id: string; title: string }) {
  const substation = substationOf(id);
  return (
    <div class="place">
      <nav class="crumbs" aria-label={t('Place')}>
        <a href="/">{t('Area')}</a>
        <span aria-hidden="true">/</span>
        {substation === undefined ? <span>{id}</span> : <a href={`/substations/${substation.id}`}>{substation.name}</a>}
      </nav>
      <h1 tabIndex={-1}>
        {substation !== undefined && (
          <PriorityMark
            level={
              substation.feeders.includes(id)
                ? levelOfFeeder(id, feeders.value[id], alarms.value)
                : levelOf(substation, alarms.value)
            }
          />
        )}
        {title}
      </h1>
      {substation !== undefined && <Tabs substation={substation} />}
      {substation !== undefined && (
        <ControlMarks items={substation.id === id ? substation.control : controlAt(substation.control, id)} />
      )}
    </div>
  );
}

function Tabs({ substation }: { substation: SubstationView }) {
  const here = route.value;
  const open = screens.value.get(here.screen);
  const path = open === undefined ? '' : `${baseOf(open)}/${here.id}`;
  const bar = useRef<HTMLElement>(null);
  // On a narrow screen the tabs extend beyond its edge, so the open one is scrolled into view.
  useEffect(() => {
    const tabs = bar.current;
    const lit = tabs?.querySelector<HTMLElement>('[aria-current]');
    if (lit) tabs?.scrollTo({ left: lit.offsetLeft - tabs.offsetLeft - 24 });
  }, [here.screen, here.id]);
  const tab = (to: string, text: string) => (
    <a key={to} href={to} aria-current={to === path ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <nav class="tabs" ref={bar} aria-label={t('Screens of {name}', { name: substation.name })}>
      {tab(`/substations/${substation.id}`, t('Substation'))}
      {substation.feeders.map((feeder) => tab(`/feeders/${feeder}`, t('Feeder {feeder}', { feeder })))}
      {tab(`/forecast/${substation.id}`, t('Forecast'))}
      {tab(`/scorecards/${substation.id}`, t('Scorecard'))}
      {substation.feeders.map((feeder) => tab(`/plan/${feeder}`, t('Plan {feeder}', { feeder })))}
      {substation.feeders.includes(here.id) && tab(`/playback/${here.id}`, t('Play back'))}
    </nav>
  );
}
