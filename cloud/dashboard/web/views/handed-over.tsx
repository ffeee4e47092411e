import type { ComponentChildren } from 'preact';
import type { HandOverContent } from '../../../../shared/contracts/shift.ts';
import { alarmText, handedControlText, incidentText, noteText, type Reader } from '../lib/shift-words.ts';
import { Panel } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { zone } from '../state/settings.ts';
import { moment, substationOf } from '../state/store.ts';
import { t } from '../words/t.ts';

interface Few<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export const reader = (): Reader => ({
  now: moment.value.now,
  zone: zone(),
  nameOf: (id) => substationOf(id)?.name ?? id,
});

/** Content of a hand-over: alarms, what the plan does not control, open incidents, notes. */
export function HandedOver({ content }: { content: HandOverContent }) {
  const { alarms, control, incidents, notes } = content;
  return (
    <div class="handed">
      <Part title={t('Alarms that stand')} of={alarms} none={t('No alarm stands.')}>
        {(each) => (
          <>
            <PriorityMark level={each.priority} hollow={each.state !== 'unacknowledged'} />
            {alarmText(each, reader())}
          </>
        )}
      </Part>
      <Part title={t('Not left to the plan')} of={control} none={t('Everything is left to the plan.')}>
        {(each) => handedControlText(each, reader())}
      </Part>
      <Part title={t('Ongoing incidents')} of={incidents} none={t('There is no ongoing incident.')}>
        {(each) => <a href={`/incidents/${each.id}`}>{incidentText(each, reader())}</a>}
      </Part>
      <Part title={t('Notes since the last hand-over')} of={notes} none={t('Nobody has written a note.')}>
        {(each) => noteText(each, reader())}
      </Part>
    </div>
  );
}

function Part<Item>({
  title,
  of: { items, total },
  none,
  children,
}: {
  title: string;
  of: Few<Item>;
  none: string;
  children: (item: Item) => ComponentChildren;
}) {
  return (
    <Panel
      title={title}
      aside={
        <span class="muted">
          {total === 0 ? '' : t('{count, plural, one {# entry} other {# entries}}', { count: total })}
        </span>
      }
    >
      {items.length === 0 ? (
        <p class="muted waiting">{none}</p>
      ) : (
        <ul class="handed-list">
          {items.map((item, at) => (
            <li key={at}>{children(item)}</li>
          ))}
          {total > items.length && <li class="muted">{t('and {total} more', { total: total - items.length })}</li>}
        </ul>
      )}
    </Panel>
  );
}
