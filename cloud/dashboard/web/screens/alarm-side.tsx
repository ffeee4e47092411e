import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { AlarmRuleView, AlarmView } from '../../../../shared/contracts/alarm.ts';
import { isOpen, STATE_NAMES } from '../lib/alarms.ts';
import { duration, sentence } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { Facts, Panel, Problem } from '../parts/layout.tsx';
import { acknowledge, alarmProblem, bringBack, shelve, takeOut, unshelve } from '../state/alarm-acts.ts';
import { holderElsewhere } from '../state/areas.ts';
import { may } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { incidentOfAlarm, pathOf } from '../lib/incident-words.ts';
import { incidents } from '../state/incidents.ts';
import { controlsOn, moment } from '../state/store.ts';

/** What a form of the side panel asks for. */
export type Asking = 'shelve' | 'out' | null;

interface SideProps {
  readonly alarm: AlarmView;
  readonly rule: AlarmRuleView | undefined;
  readonly asking: Asking;
  readonly onAsk: (asking: Asking) => void;
}

/** What the alarm is part of. */
function IncidentLink({ alarm }: { alarm: AlarmView }) {
  const found = incidentOfAlarm(incidents.value, alarm.id);
  return found === undefined ? null : (
    <a class="button quiet wide-button" href={pathOf(found)}>
      {`Part of incident ${found.id}`}
    </a>
  );
}

/** Why the alarm is raised, what to do, how long there is, and which acts are possible. */
export function AlarmSide({ alarm, rule, asking, onAsk }: SideProps) {
  const { now } = moment.value;
  const when = (time: number | null): string | null => (time === null ? null : near(time, now, zone()));
  const { acknowledged, shelved, outOfService, respondBy } = alarm;
  const act = (what: string, by: { by: string; at: number; reason: string } | null) =>
    by === null ? null : ([what, `${by.by}, ${when(by.at)}${by.reason === '' ? '' : `: ${by.reason}`}`] as const);
  return (
    <Panel
      title={rule?.name ?? alarm.code}
      class="alarm-side"
      aside={<span class="muted">{sentence(STATE_NAMES[alarm.state])}</span>}
    >
      <p class="alarm-said">{alarm.text}</p>
      <a class="button primary wide-button" href={alarm.control}>
        Go to control
      </a>
      <IncidentLink alarm={alarm} />
      <Acts alarm={alarm} asking={asking} onAsk={onAsk} />
      {alarmProblem.value !== null && <Problem problem={alarmProblem.value} />}
      <Facts
        rows={[
          rule === undefined ? null : ['Do', rule.action],
          rule === undefined ? null : ['Cause', rule.cause],
          rule === undefined ? null : ['If nobody acts', rule.consequence],
          respondBy === null
            ? null
            : [
                'Time to respond',
                respondBy > now ? `${duration(respondBy - now)} left` : `over, since ${when(respondBy)}`,
              ],
          [
            'Came',
            `${when(alarm.raisedAt) ?? 'its delay runs'}${alarm.occurrences > 1 ? `, ${alarm.occurrences} times` : ''}`,
          ],
          alarm.returnedAt === null ? null : ['Went', when(alarm.returnedAt)],
          act('Acknowledged', acknowledged),
          shelved === null ? null : ['Shelved until', `${when(shelved.until)}, ${duration(shelved.until - now)} left`],
          act('Shelved by', shelved),
          act('Out of service', outOfService),
          ['Code', alarm.code],
        ]}
      />
    </Panel>
  );
}

function Acts({ alarm, asking, onAsk }: Omit<SideProps, 'rule'>) {
  if (!may('operate')) return <p class="muted acts">Acknowledging and shelving needs an operator.</p>;
  const other = holderElsewhere(alarm);
  if (other !== undefined)
    return (
      <p class="muted acts">
        {`${other} holds ${alarm.target.split(':')[1]} and acts on its alarms. `}
        <a href="/areas">Areas</a>
      </p>
    );
  const off = !controlsOn.value;
  const { id, state } = alarm;
  if (asking !== null)
    return <ReasonForm key={`${id}${asking}`} id={id} asking={asking} off={off} onEnd={() => onAsk(null)} />;
  const standing = isOpen(alarm) || state === 'acknowledged';
  const button = (text: string, onClick: () => void) => (
    <button type="button" disabled={off} onClick={onClick}>
      {text}
    </button>
  );
  return (
    <div class="row acts">
      {isOpen(alarm) && button('Acknowledge', () => void acknowledge([id]))}
      {standing && button('Shelve', () => onAsk('shelve'))}
      {state === 'shelved' && button('Take off the shelf', () => void unshelve(id))}
      {state === 'out-of-service'
        ? button('Back into service', () => void bringBack(id))
        : button('Out of service', () => onAsk('out'))}
    </div>
  );
}

const HOURS = [0.25, 0.5, 1, 2, 4, 8, 12];

function ReasonForm({
  id,
  asking,
  off,
  onEnd,
}: {
  id: number;
  asking: 'shelve' | 'out';
  off: boolean;
  onEnd: () => void;
}) {
  const first = useRef<HTMLInputElement>(null);
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(60);
  // Before the next key arrives: a reason that is typed at once must not be taken for keys of the table.
  useLayoutEffect(() => first.current?.focus(), []);
  const send = async (): Promise<void> => {
    const done = asking === 'shelve' ? await shelve(id, minutes, reason.trim()) : await takeOut(id, reason.trim());
    if (done) onEnd();
  };
  return (
    <form
      class="reason-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onEnd();
      }}
    >
      <label>
        {asking === 'shelve' ? 'Why it is shelved' : 'Why it is out of service'}
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
          For
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
          {asking === 'shelve' ? 'Shelve' : 'Take out of service'}
        </button>
        <button type="button" onClick={onEnd}>
          Cancel
        </button>
      </div>
    </form>
  );
}
