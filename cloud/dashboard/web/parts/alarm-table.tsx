import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { isOpen, stateName } from '../lib/alarms.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { GoneSince } from './alarm-said.tsx';
import { PriorityMark } from './marks.tsx';
import { saidOf, t } from '../words/t.ts';

interface AlarmTableProps {
  readonly alarms: readonly AlarmView[];
  readonly chosen: AlarmView;
  readonly label: string;
  readonly onChoose: (alarm: AlarmView) => void;
  readonly onKey: (key: string, alarm: AlarmView) => boolean;
}

/** A single tab stop: arrow keys move, letters act on the row. */
export function AlarmTable({ alarms, chosen, label, onChoose, onKey }: AlarmTableProps) {
  const sources = new Map<string, number>();
  for (const { source } of alarms) sources.set(source, (sources.get(source) ?? 0) + 1);
  const keyed = (event: KeyboardEvent): void => {
    const { alarm } = (event.target as HTMLElement).dataset;
    const at = alarms.findIndex(({ id }) => String(id) === alarm);
    const focused = alarms[at];
    if (focused === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: alarms.length - 1 }[event.key];
    const next = to === undefined ? undefined : alarms[Math.min(alarms.length - 1, Math.max(0, to))];
    if (next !== undefined) {
      onChoose(next);
      (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-alarm="${next.id}"]`)?.focus();
    } else if (!onKey(event.key, focused)) return;
    event.preventDefault();
  };
  return (
    <table class="data alarms" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">{t('Priority')}</span>
          </th>
          <th scope="col">{t('Since')}</th>
          <th scope="col">{t('Source')}</th>
          <th scope="col">{t('Alarm')}</th>
          <th scope="col" class="from-tablet">
            {t('State')}
          </th>
        </tr>
      </thead>
      <tbody onKeyDown={keyed}>
        {alarms.map((alarm) => (
          <Row
            key={alarm.id}
            alarm={alarm}
            chosen={alarm.id === chosen.id}
            crowded={(sources.get(alarm.source) ?? 0) > 1}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly alarm: AlarmView;
  readonly chosen: boolean;
  /** True if its source has other alarms, so that it matters which came first. */
  readonly crowded: boolean;
  readonly onChoose: (alarm: AlarmView) => void;
}

function Row({ alarm, chosen, crowded, onChoose }: RowProps) {
  const { id, priority, raisedAt, source, device, state, firstOut, suppresses } = alarm;
  return (
    <tr class={`${chosen ? 'chosen' : ''} ${isOpen(alarm) ? 'open' : ''} ${alarm.active ? '' : 'gone'}`}>
      <td class="mark-cell">
        <PriorityMark level={priority} hollow={state !== 'unacknowledged'} />
      </td>
      <td class="when">{raisedAt === null ? '' : near(raisedAt, moment.value.now, zone())}</td>
      <td>
        {source}
        {device !== null && <span class="block muted">{device}</span>}
      </td>
      <td class="what">
        <button
          type="button"
          class="text row-link"
          data-alarm={id}
          aria-pressed={chosen}
          tabIndex={chosen ? 0 : -1}
          onClick={() => onChoose(alarm)}
        >
          {saidOf(alarm)}
        </button>
        <GoneSince alarm={alarm} />
        {firstOut && crowded && <span class="flag">{t('first')}</span>}
        {suppresses > 0 && (
          <span class="tag">
            {t('explains {count, plural, one {# other} other {# others}}', { count: suppresses })}
          </span>
        )}
        <span class="tag only-narrow">{stateName(state)}</span>
      </td>
      <td class="from-tablet muted">{stateName(state)}</td>
    </tr>
  );
}
