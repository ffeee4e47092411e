import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { AlarmRuleView, AlarmView } from '../../../../shared/contracts/alarm.ts';
import { isOpen, stateName } from '../lib/alarms.ts';
import { duration, sentence } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { AlarmSaid } from '../parts/alarm-said.tsx';
import { Facts, Panel, Problem } from '../parts/layout.tsx';
import { acknowledge, alarmProblem, bringBack, shelve, takeOut, unshelve } from '../state/alarm-acts.ts';
import { holderElsewhere } from '../state/areas.ts';
import { whyLost } from '../state/controls.ts';
import { may } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { incidentOfAlarm, pathOf } from '../lib/incident-words.ts';
import { incidents } from '../state/incidents.ts';
import { controlsOn, moment } from '../state/store.ts';
import { saidOf, t, translate } from '../words/t.ts';

/** Form shown in the side panel. */
export type Asking = 'shelve' | 'out' | null;

interface SideProps {
  readonly alarm: AlarmView;
  readonly rule: AlarmRuleView | undefined;
  readonly asking: Asking;
  readonly onAsk: (asking: Asking) => void;
}

/** Link to the incident that the alarm belongs to. */
function IncidentLink({ alarm }: { alarm: AlarmView }) {
  const found = incidentOfAlarm(incidents.value, alarm.id);
  return found === undefined ? null : (
    <a class="button quiet wide-button" href={pathOf(found)}>
      {t('Part of incident {id}', { id: found.id })}
    </a>
  );
}

/** Why the alarm was raised, what to do, how much time is left, and which acts are possible. */
export function AlarmSide({ alarm, rule, asking, onAsk }: SideProps) {
  const { now } = moment.value;
  const when = (time: number | null): string | null => (time === null ? null : near(time, now, zone()));
  const { acknowledged, shelved, outOfService, respondBy } = alarm;
  const act = (what: string, by: { by: string; at: number; reason: string } | null) =>
    by === null ? null : ([what, `${by.by}, ${when(by.at)}${by.reason === '' ? '' : `: ${by.reason}`}`] as const);
  return (
    <Panel
      title={rule === undefined ? alarm.code : translate(rule.name)}
      class="alarm-side"
      aside={<span class="muted">{sentence(stateName(alarm.state))}</span>}
    >
      <p class="alarm-said">
        <AlarmSaid alarm={alarm} />
      </p>
      <a class="button primary wide-button" href={alarm.control}>
        {t('Go to control')}
      </a>
      <IncidentLink alarm={alarm} />
      <Acts alarm={alarm} asking={asking} onAsk={onAsk} />
      {alarmProblem.value !== null && <Problem problem={alarmProblem.value} />}
      <Facts
        rows={[
          rule === undefined ? null : [t('Do'), translate(rule.action)],
          rule === undefined ? null : [t('Cause'), translate(rule.cause)],
          rule === undefined ? null : [t('If nobody acts'), translate(rule.consequence)],
          respondBy === null
            ? null
            : [
                t('Time to respond'),
                respondBy > now
                  ? t('{time} left', { time: duration(respondBy - now) })
                  : t('over, since {time}', { time: when(respondBy) }),
              ],
          [
            t('Raised'),
            `${when(alarm.raisedAt) ?? t('its delay runs')}${alarm.occurrences > 1 ? t(', {occurrences} times', { occurrences: alarm.occurrences }) : ''}`,
          ],
          alarm.returnedAt === null ? null : [t('Gone'), when(alarm.returnedAt)],
          act(t('Acknowledged'), acknowledged),
          shelved === null
            ? null
            : [
                t('Shelved until'),
                t('{time}, {rest} left', { time: when(shelved.until), rest: duration(shelved.until - now) }),
              ],
          act(t('Shelved by'), shelved),
          act(t('Out of service'), outOfService),
          [t('Code'), alarm.code],
        ]}
      />
    </Panel>
  );
}

function Acts({ alarm, asking, onAsk }: Omit<SideProps, 'rule'>) {
  if (!may('operate')) return <p class="muted acts">{t('Acknowledging and shelving needs an operator.')}</p>;
  const other = holderElsewhere(alarm);
  if (other !== undefined)
    return (
      <p class="muted acts">
        {`${t('{other} holds {target} and acts on its alarms.', { other, target: alarm.target.split(':')[1] })} `}
        <a href="/areas">{t('Areas')}</a>
      </p>
    );
  const off = !controlsOn.value;
  const { id, state } = alarm;
  if (asking !== null)
    return <ReasonForm key={`${id}${asking}`} alarm={alarm} asking={asking} off={off} onEnd={() => onAsk(null)} />;
  const standing = isOpen(alarm) || state === 'acknowledged';
  const button = (text: string, onClick: () => void) => (
    <button type="button" disabled={off} title={whyLost()} onClick={onClick}>
      {text}
    </button>
  );
  return (
    <div class="row acts">
      {isOpen(alarm) && button(t('Acknowledge'), () => void acknowledge([id]))}
      {standing && button(t('Shelve'), () => onAsk('shelve'))}
      {state === 'shelved' && button(t('Unshelve'), () => void unshelve(id))}
      {state === 'out-of-service'
        ? button(t('Back into service'), () => void bringBack(id))
        : button(t('Out of service'), () => onAsk('out'))}
    </div>
  );
}

const HOURS = [0.25, 0.5, 1, 2, 4, 8, 12];

function ReasonForm({
  alarm,
  asking,
  off,
  onEnd,
}: {
  alarm: AlarmView;
  asking: 'shelve' | 'out';
  off: boolean;
  onEnd: () => void;
}) {
  const { id } = alarm;
  const first = useRef<HTMLInputElement>(null);
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(60);
  // Takes the focus before the next key arrives, so that a typed reason does not trigger keys of the table.
  useLayoutEffect(() => first.current?.focus(), []);
  const send = async (): Promise<void> => {
    const done = asking === 'shelve' ? await shelve(id, minutes, reason.trim()) : await takeOut(id, reason.trim());
    if (done) onEnd();
  };
  return (
    <form
      class="reason-form"
      aria-label={saidOf(alarm)}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onEnd();
      }}
    >
      <label>
        {asking === 'shelve' ? t('Why it is shelved') : t('Why it is out of service')}
        <input
          ref={first}
          value={reason}
          required
          minLength={3}
          maxLength={300}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {asking === 'shelve' && (
        <label>
          {t('For')}
          <select value={minutes} onChange={(event) => setMinutes(Number(event.currentTarget.value))}>
            {HOURS.map((hours) => (
              <option key={hours} value={hours * 60}>
                {duration(hours * 3_600_000)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={off}>
          {asking === 'shelve' ? t('Shelve') : t('Take out of service')}
        </button>
        <button type="button" onClick={onEnd}>
          {t('Cancel')}
        </button>
      </div>
    </form>
  );
}
