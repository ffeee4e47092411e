import { useEffect, useRef, useState } from 'preact/hooks';
import type { AlarmDeskView, AlarmRuleView, AlarmView } from '../../../../shared/contracts/alarm.ts';
import { floodOrder, isOpen, standingCount } from '../lib/alarms.ts';
import { duration } from '../lib/format.ts';
import { AlarmTable } from '../parts/alarm-table.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { Modal } from '../parts/modal.tsx';
import { acknowledge } from '../state/alarm-acts.ts';
import { useAnswer } from '../state/api.ts';
import { go } from '../state/route.ts';
import { concernsMe, holderElsewhere } from '../state/areas.ts';
import { whyLost } from '../state/controls.ts';
import { may, session } from '../state/session.ts';
import { alarmScope, alarmSound, type AlarmScope } from '../state/settings.ts';
import { silence, sounding } from '../state/sound.ts';
import { alarmDesk, allAlarms, controlsOn, moment } from '../state/store.ts';
import { AlarmSide, type Asking } from './alarm-side.tsx';
import { AlarmCounts } from '../parts/alarm-counts.tsx';
import type { Screen } from '../lib/screen.ts';
import { saidOf, t, type Text } from '../words/t.ts';

export const screen: Screen = {
  path: '/alarms',
  title: 'Alarms',
  Component: AlarmsScreen,
  section: 'Alarms',
  entries: [{ menu: 'main', text: 'Alarms', at: 50, Mark: AlarmCounts }],
};

type Shown = 'standing' | 'shelved' | 'suppressed' | 'out-of-service';
const SHELVES: Readonly<Record<Shown, Text>> = {
  standing: 'Standing',
  shelved: 'Shelved',
  suppressed: 'Explained by a parent',
  'out-of-service': 'Out of service',
};
const KEYS: Text = 'Arrows choose, A acknowledges, S shelves, Enter goes to the control';

/** Alarms by priority, unacknowledged before acknowledged ones; everything works by keyboard. */
function AlarmsScreen() {
  const desk = alarmDesk.value;
  const [shown, setShown] = useState<Shown>('standing');
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Alarms')}</h1>
        <a href="/alarm-figures">{t('Figures')}</a>
        <SoundSwitch />
      </div>
      <Newest alarms={desk?.alarms ?? []} />
      {desk === null ? (
        <Waiting what={t('the alarms')} />
      ) : (
        <>
          <Flood desk={desk} />
          <Shelves desk={desk} shown={shown} onShow={setShown} />
          {shown === 'standing' ? (
            <Listed alarms={desk.alarms.filter(concernsMe)} desk={desk} shown="standing" />
          ) : (
            <Away desk={desk} state={shown} />
          )}
        </>
      )}
    </>
  );
}

/** Tells a screen reader of each new alarm, as the banner does on other screens. */
function Newest({ alarms }: { alarms: readonly AlarmView[] }) {
  const told = useRef<AlarmView>(undefined);
  const open = alarms.filter((alarm) => alarm.state === 'unacknowledged' && concernsMe(alarm));
  for (const alarm of open) if ((alarm.raisedAt ?? 0) > (told.current?.raisedAt ?? 0)) told.current = alarm;
  const shown = open.some(({ id }) => id === told.current?.id) ? told.current : undefined;
  return (
    <p class="unseen" role="status">
      {shown === undefined ? '' : `${shown.source}: ${saidOf(shown)}`}
    </p>
  );
}

function Shelves({ desk, shown, onShow }: { desk: AlarmDeskView; shown: Shown; onShow: (shown: Shown) => void }) {
  const { states } = desk;
  const count = (each: Shown): number =>
    each === 'standing' ? states.unacknowledged + states.acknowledged + states.returned : states[each];
  return (
    <div class="row">
      <div class="segments" role="group" aria-label={t('Which alarms')}>
        {(Object.keys(SHELVES) as Shown[]).map((each) => (
          <button type="button" key={each} aria-pressed={each === shown} onClick={() => onShow(each)}>
            {`${t(SHELVES[each])} ${count(each)}`}
          </button>
        ))}
      </div>
      <ScopeSwitch />
      <span class="muted">
        {t('{count, plural, one {# alarm} other {# alarms}} in the last 10 min', {
          count: desk.rate.inTenMinutes,
        })}
      </span>
    </div>
  );
}

function ScopeSwitch() {
  if ((session.value?.user ?? null) === null) return null;
  const choice = (scope: AlarmScope, text: string) => (
    <button type="button" aria-pressed={alarmScope.value === scope} onClick={() => (alarmScope.value = scope)}>
      {text}
    </button>
  );
  return (
    <div class="segments" role="group" aria-label={t('Whose alarms')} title={t('My area, with unheld areas')}>
      {choice('all', t('All areas'))}
      {choice('mine', t('My area'))}
    </div>
  );
}

function Flood({ desk }: { desk: AlarmDeskView }) {
  const { floodSince, inTenMinutes } = desk.rate;
  if (floodSince === null) return null;
  return (
    <p class="notice" role="status">
      <PriorityMark level={2} label={t('flood')} />
      <b>{`${t('Alarm flood for {now}: {count} in 10 min.', { now: duration(moment.value.now - floodSince), count: inTenMinutes })} `}</b>
      {t('Alarms are grouped by priority and source, the first of each on top; start there.')}
    </p>
  );
}

/** Alarms that the stream does not carry are queried, and again when the desk's counts change. */
function Away({ desk, state }: { desk: AlarmDeskView; state: Exclude<Shown, 'standing'> }) {
  const version = `${JSON.stringify(desk.states)} ${desk.told}`;
  const which = `&state=${state}${alarmScope.value === 'mine' ? '&area=mine' : ''}`;
  const answer = useAnswer<{ items: readonly AlarmView[] }>(`/v1/alarms?limit=1000${which}`, `${version} ${which}`);
  if (answer.state === 'loading') return <Waiting what={t('the alarms')} />;
  if (answer.state === 'bad') return <Problem problem={answer.problem} />;
  return (
    <Listed
      key={state}
      alarms={answer.value.items.filter((alarm) => alarm.state === state)}
      desk={desk}
      shown={state}
    />
  );
}

function Listed({ alarms, desk, shown }: { alarms: readonly AlarmView[]; desk: AlarmDeskView; shown: Shown }) {
  const [chosen, setChosen] = useState<AlarmView | null>(null);
  const [asking, setAsking] = useState<Asking>(null);
  const rules = useAnswer<{ items: readonly AlarmRuleView[] }>('/v1/alarms/rules');
  const flood = shown === 'standing' && desk.rate.floodSince !== null;
  const ordered = flood ? floodOrder(alarms) : alarms;
  const kept = asking === null ? null : chosen;
  const current = ordered.find(({ id }) => id === chosen?.id) ?? kept ?? ordered[0];
  // An alarm once shown stays shown, so that no act hits a newer one that comes on top.
  useEffect(() => setChosen(current ?? null), [current?.id]);
  const open = alarms.filter((alarm) => isOpen(alarm) && holderElsewhere(alarm) === undefined);
  const [sweeping, setSweeping] = useState<readonly AlarmView[]>([]);
  // Alarms of the highest priority must be acknowledged one by one.
  const swept = open.filter(({ priority }) => priority !== 1);
  const acts = may('operate') && controlsOn.value;
  const choose = (alarm: AlarmView): void => {
    setChosen(alarm);
    setAsking(null);
  };
  const keyed = (key: string, alarm: AlarmView): boolean => {
    if (key === 'Enter') go(alarm.control);
    else if (!acts) return false;
    else if (key.toLowerCase() === 'a' && isOpen(alarm)) {
      setChosen(alarm);
      void acknowledge([alarm.id]);
    } else if (key.toLowerCase() === 's' && shown === 'standing') {
      setChosen(alarm);
      setAsking('shelve');
    } else return false;
    return true;
  };
  if (current === undefined)
    return (
      <Panel title={t(SHELVES[shown])}>
        <p class="waiting muted">
          {shown !== 'standing'
            ? t('There are none.')
            : allAlarms.value
              ? t('No alarm stands.')
              : t('Waiting for {what}', { what: t('the alarms') })}
        </p>
      </Panel>
    );
  const rule = rules.state === 'good' ? rules.value.items.find(({ code }) => code === current.code) : undefined;
  return (
    <div class="with-side">
      <Panel
        title={t(SHELVES[shown])}
        aside={
          may('operate') &&
          swept.length > 1 && (
            <button type="button" disabled={!acts} title={whyLost()} onClick={() => setSweeping(swept)}>
              {t('Acknowledge these {swept}', { swept: swept.length })}
            </button>
          )
        }
      >
        <div class="scroll log" tabIndex={0} role="group" aria-label={t('Alarms')}>
          <AlarmTable alarms={ordered} chosen={current} label={t(SHELVES[shown])} onChoose={choose} onKey={keyed} />
        </div>
        <p class="muted foot">
          {shown === 'standing' && !allAlarms.value
            ? `${t('{alarms} of {total}; acknowledged ones are left out first.', { alarms: desk.alarms.length, total: standingCount(desk) })} `
            : ''}
          <span class="from-tablet">{t(KEYS)}</span>
        </p>
      </Panel>
      <AlarmSide alarm={current} rule={rule} asking={asking} onAsk={setAsking} />
      {sweeping.length > 0 && (
        <SweepDialog alarms={sweeping} left={open.length - swept.length} onClose={() => setSweeping([])} />
      )}
    </div>
  );
}

/** Confirms a bulk acknowledgement. It covers the alarms shown when the dialog opened, not later ones. */
function SweepDialog({ alarms, left, onClose }: { alarms: readonly AlarmView[]; left: number; onClose: () => void }) {
  const count = (wanted: number): number => alarms.filter(({ priority }) => priority === wanted).length;
  const sources = new Set(alarms.map(({ source }) => source)).size;
  return (
    <Modal
      title={t('Acknowledge {alarms, plural, one {# alarm} other {# alarms}}', { alarms: alarms.length })}
      onClose={onClose}
    >
      <div class="desk-form">
        <p>
          {t(
            '{second} of priority 2 and {third} of priority 3, from {sources, plural, one {# source} other {# sources}}. You confirm that you have seen each.',
            { second: count(2), third: count(3), sources },
          )}
        </p>
        {left > 0 && (
          <p>
            {t('{left, plural, one {# alarm} other {# alarms}} of priority 1 left: acknowledge each on its own.', {
              left,
            })}
          </p>
        )}
        <div class="row">
          <button
            type="button"
            class="big primary"
            disabled={!controlsOn.value}
            onClick={() => void acknowledge(alarms.map(({ id }) => id)).then(onClose)}
          >
            {t('Acknowledge {alarms}', { alarms: alarms.length })}
          </button>
          <button type="button" class="big" onClick={onClose}>
            {t('Cancel')}
          </button>
        </div>
      </div>
    </Modal>
  );
}

function SoundSwitch() {
  const on = alarmSound.value === 'on';
  return (
    <div class="row">
      <button type="button" aria-pressed={on} onClick={() => (alarmSound.value = on ? 'off' : 'on')}>
        {on ? t('Sound on') : t('Sound off')}
      </button>
      {sounding.value !== null && (
        <button type="button" onClick={silence}>
          {t('Silence')}
        </button>
      )}
    </div>
  );
}
