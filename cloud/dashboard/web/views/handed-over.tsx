import type { ComponentChildren } from 'preact';
import type { HandOverContent } from '../../../../shared/contracts/shift.ts';
import { plural } from '../lib/format.ts';
import { alarmText, handedControlText, incidentText, noteText, type Reader } from '../lib/shift-words.ts';
import { Panel } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { zone } from '../state/settings.ts';
import { moment, substationOf } from '../state/store.ts';

interface Few<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export const reader = (): Reader => ({
  now: moment.value.now,
  zone: zone(),
  nameOf: (id) => substationOf(id)?.name ?? id,
});

/** What a hand-over tells: alarms, what is not left to the plan, incidents that go on, notes. */
export function HandedOver({ content }: { content: HandOverContent }) {
  const { alarms, control, incidents, notes } = content;
  return (
    <div class="handed">
      <Part title="Alarms that stand" of={alarms} none="No alarm stands.">
        {(each) => (
          <>
            <PriorityMark level={each.priority} hollow={each.state !== 'unacknowledged'} />
            {alarmText(each, reader())}
          </>
        )}
      </Part>
      <Part title="Not left to the plan" of={control} none="Everything is left to the plan.">
        {(each) => handedControlText(each, reader())}
      </Part>
      <Part title="Incidents that go on" of={incidents} none="No incident goes on.">
        {(each) => <a href={`/incidents/${each.id}`}>{incidentText(each, reader())}</a>}
      </Part>
      <Part title="Notes since the last hand-over" of={notes} none="Nobody has written a note.">
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
    <Panel title={title} aside={<span class="muted">{total === 0 ? '' : plural(total, 'entry', 'entries')}</span>}>
      {items.length === 0 ? (
        <p class="muted waiting">{none}</p>
      ) : (
        <ul class="handed-list">
          {items.map((item, at) => (
            <li key={at}>{children(item)}</li>
          ))}
          {total > items.length && <li class="muted">{`and ${total - items.length} more`}</li>}
        </ul>
      )}
    </Panel>
  );
}
