import { useState } from 'preact/hooks';
import type { AlarmDeskView, AlarmRuleView, AlarmView } from '../../../../shared/contracts/alarm.ts';
import { bySource, isOpen } from '../lib/alarms.ts';
import { duration, plural } from '../lib/format.ts';
import { AlarmTable } from '../parts/alarm-table.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { Modal } from '../parts/modal.tsx';
import { acknowledge } from '../state/alarm-acts.ts';
import { useAnswer } from '../state/api.ts';
import { go } from '../state/route.ts';
import { concernsMe, holderElsewhere } from '../state/areas.ts';
import { may, session } from '../state/session.ts';
import { alarmScope, alarmSound, type AlarmScope } from '../state/settings.ts';
import { silence, sounding } from '../state/sound.ts';
import { alarmDesk, controlsOn, moment } from '../state/store.ts';
import { AlarmSide, type Asking } from './alarm-side.tsx';
import { AlarmCounts } from '../parts/alarm-counts.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/alarms',
  title: 'Alarms',
  Component: AlarmsScreen,
  section: 'Alarms',
  entries: [{ menu: 'main', text: 'Alarms', at: 50, Mark: AlarmCounts }],
};

type Shown = 'standing' | 'shelved' | 'suppressed' | 'out-of-service';
const SHELVES: Readonly<Record<Shown, string>> = {
  standing: 'Standing',
  shelved: 'Shelved',
  suppressed: 'Explained by a parent',
  'out-of-service': 'Out of service',
};
const KEYS = 'Arrows choose, A acknowledges, S shelves, Enter goes to the control';

/** Alarms by priority, what waits before what was seen; everything by keyboard. */
function AlarmsScreen() {
  const desk = alarmDesk.value;
  const [shown, setShown] = useState<Shown>('standing');
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>Alarms</h1>
        <a href="/alarm-figures">Figures</a>
        <SoundSwitch />
      </div>
      {desk === null ? (
        <Waiting what="the alarms" />
      ) : (
        <>
          <Flood desk={desk} />
          <Shelves desk={desk} shown={shown} onShow={setShown} />
          {shown === 'standing' ? <Standing desk={desk} /> : <Away desk={desk} state={shown} />}
        </>
      )}
    </>
  );
}

function Shelves({ desk, shown, onShow }: { desk: AlarmDeskView; shown: Shown; onShow: (shown: Shown) => void }) {
  const { states } = desk;
  const count = (each: Shown): number =>
    each === 'standing' ? states.unacknowledged + states.acknowledged + states.returned : states[each];
  return (
    <div class="row">
      <div class="segments" role="group" aria-label="Which alarms">
        {(Object.keys(SHELVES) as Shown[]).map((each) => (
          <button type="button" key={each} aria-pressed={each === shown} onClick={() => onShow(each)}>
            {`${SHELVES[each]} ${count(each)}`}
          </button>
        ))}
      </div>
      <ScopeSwitch />
      <span class="muted">{`${plural(desk.rate.inTenMinutes, 'alarm')} in the last 10 min`}</span>
    </div>
  );
}

/** All standing alarms, or those of my area. If there are more than the stream carries, they are queried. */
function Standing({ desk }: { desk: AlarmDeskView }) {
  const { unacknowledged, acknowledged, returned } = desk.states;
  if (alarmScope.value === 'mine' && unacknowledged + acknowledged + returned > desk.alarms.length)
    return <Away desk={desk} state={null} />;
  return <Listed alarms={desk.alarms.filter(concernsMe)} desk={desk} shown="standing" />;
}

function ScopeSwitch() {
  if ((session.value?.user ?? null) === null) return null;
  const choice = (scope: AlarmScope, text: string) => (
    <button type="button" aria-pressed={alarmScope.value === scope} onClick={() => (alarmScope.value = scope)}>
      {text}
    </button>
  );
  return (
    <div class="segments" role="group" aria-label="Whose alarms" title="My area: with what nobody holds">
      {choice('all', 'All areas')}
      {choice('mine', 'My area')}
    </div>
  );
}

function Flood({ desk }: { desk: AlarmDeskView }) {
  const { floodSince, inTenMinutes } = desk.rate;
  if (floodSince === null) return null;
  return (
    <p class="notice" role="status">
      <PriorityMark level={2} label="flood" />
      <b>{`Alarm flood for ${duration(moment.value.now - floodSince)}: ${inTenMinutes} in 10 min. `}</b>
      Alarms stand by source, the first of each on top; begin there.
    </p>
  );
}

/** What is not before the operator is read by request, and again when the desk's counts move. */
function Away({ desk, state }: { desk: AlarmDeskView; state: Exclude<Shown, 'standing'> | null }) {
  const version = `${JSON.stringify(desk.states)} ${desk.told}`;
  const which = `${state === null ? '' : `&state=${state}`}${alarmScope.value === 'mine' ? '&area=mine' : ''}`;
  const answer = useAnswer<{ items: readonly AlarmView[] }>(`/v1/alarms?limit=1000${which}`, `${version} ${which}`);
  if (answer.state === 'loading') return <Waiting what="the alarms" />;
  if (answer.state === 'bad') return <Problem problem={answer.problem} />;
  return (
    <Listed
      alarms={answer.value.items.filter((alarm) => state === null || alarm.state === state)}
      desk={desk}
      shown={state ?? 'standing'}
    />
  );
}

function Listed({ alarms, desk, shown }: { alarms: readonly AlarmView[]; desk: AlarmDeskView; shown: Shown }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [asking, setAsking] = useState<Asking>(null);
  const rules = useAnswer<{ items: readonly AlarmRuleView[] }>('/v1/alarms/rules');
  const flood = shown === 'standing' && desk.rate.floodSince !== null;
  const ordered = flood ? bySource(alarms).flatMap((group) => group.alarms) : alarms;
  const current = ordered.find(({ id }) => id === chosen) ?? ordered[0];
  const open = alarms.filter((alarm) => isOpen(alarm) && holderElsewhere(alarm) === undefined);
  const [sweeping, setSweeping] = useState<readonly AlarmView[]>([]);
  // Each of the highest priority is looked at by itself.
  const swept = open.filter(({ priority }) => priority !== 1);
  const acts = may('operate') && controlsOn.value;
  const choose = (id: number): void => {
    setChosen(id);
    setAsking(null);
  };
  const keyed = (key: string, alarm: AlarmView): boolean => {
    if (key === 'Enter') go(alarm.control);
    else if (!acts) return false;
    else if (key.toLowerCase() === 'a' && isOpen(alarm)) {
      // It stays chosen where the list puts it.
      setChosen(alarm.id);
      void acknowledge([alarm.id]);
    } else if (key.toLowerCase() === 's' && shown === 'standing') {
      setChosen(alarm.id);
      setAsking('shelve');
    } else return false;
    return true;
  };
  if (current === undefined)
    return (
      <Panel title={SHELVES[shown]}>
        <p class="waiting muted">{shown === 'standing' ? 'No alarm stands.' : 'There are none.'}</p>
      </Panel>
    );
  const rule = rules.state === 'good' ? rules.value.items.find(({ code }) => code === current.code) : undefined;
  const total = desk.states.unacknowledged + desk.states.acknowledged + desk.states.returned;
  return (
    <div class="with-side">
      <Panel
        title={SHELVES[shown]}
        aside={
          may('operate') &&
          swept.length > 1 && (
            <button type="button" disabled={!acts} onClick={() => setSweeping(swept)}>
              {`Acknowledge these ${swept.length}`}
            </button>
          )
        }
      >
        <div class="scroll log" tabIndex={0} role="group" aria-label="Alarms">
          <AlarmTable alarms={ordered} chosen={current.id} label={SHELVES[shown]} onChoose={choose} onKey={keyed} />
        </div>
        <p class="muted foot">
          {shown === 'standing' && total > alarms.length ? `The ${alarms.length} most urgent of ${total}. ` : ''}
          <span class="from-tablet">{KEYS}</span>
        </p>
      </Panel>
      <AlarmSide alarm={current} rule={rule} asking={asking} onAsk={setAsking} />
      {sweeping.length > 0 && (
        <SweepDialog alarms={sweeping} left={open.length - swept.length} onClose={() => setSweeping([])} />
      )}
    </div>
  );
}

/** What is acknowledged at once is confirmed: those that were shown when it was asked, whatever has come since. */
function SweepDialog({ alarms, left, onClose }: { alarms: readonly AlarmView[]; left: number; onClose: () => void }) {
  const count = (wanted: number): number => alarms.filter(({ priority }) => priority === wanted).length;
  const sources = new Set(alarms.map(({ source }) => source)).size;
  return (
    <Modal title={`Acknowledge ${plural(alarms.length, 'alarm')}`} onClose={onClose}>
      <div class="desk-form">
        <p>
          {`${count(2)} of priority 2 and ${count(3)} of priority 3, from ${plural(sources, 'source')}. You say that you have seen each.`}
        </p>
        {left > 0 && <p>{`${plural(left, 'alarm')} of priority 1 stay: acknowledge each by itself.`}</p>}
        <div class="row">
          <button
            type="button"
            class="big primary"
            disabled={!controlsOn.value}
            onClick={() => void acknowledge(alarms.map(({ id }) => id)).then(onClose)}
          >
            {`Acknowledge ${alarms.length}`}
          </button>
          <button type="button" class="big" onClick={onClose}>
            Cancel
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
        {on ? 'Sound on' : 'Sound off'}
      </button>
      {sounding.value !== null && (
        <button type="button" onClick={silence}>
          Silence
        </button>
      )}
    </div>
  );
}
