import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { EventFolder } from './event-folder.ts';

const event = (kind: LoadstoneEvent['kind'], text: string): LoadstoneEvent => ({
  time: 0,
  kind,
  severity: 'info',
  code: 'local.change',
  text,
});

test('repeated events fold into a count; audit and outcome events are kept one by one', () => {
  const folded = (kind: LoadstoneEvent['kind']): string[] => {
    const folder = new EventFolder();
    const events = ['stop of pv-1', 'tag on battery-1', 'mode automatic'].map((text) => event(kind, text));
    const now = events.map((each, at) => folder.add(each, 1000 * at)).filter((each) => each !== undefined);
    return [...now, ...folder.due(60_000)].map(({ text, count = 1 }) => `${count} ${text}`);
  };
  assert.deepEqual(folded('event'), ['1 stop of pv-1', '2 mode automatic']);
  for (const kind of ['audit', 'outcome'] as const)
    assert.deepEqual(folded(kind), ['1 stop of pv-1', '1 tag on battery-1', '1 mode automatic'], kind);
});
