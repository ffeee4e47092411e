import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { fits, isPlanRoutine, searchPath, type EventFilter } from './event-filter.ts';

const event: EventView = {
  id: 1,
  time: 0,
  source: 'owd-01',
  kind: 'alarm',
  severity: 'medium',
  code: 'LS-CONTROL-005',
  text: 'Guard relieves 40 kW',
  device: 'battery-1',
  subject: null,
  active: true,
};
const all: EventFilter = { least: 'info', kind: 'all', text: '' };

test('an event matches by kind, minimum severity and every word', () => {
  const cases: [Partial<EventFilter>, boolean][] = [
    [{}, true],
    [{ least: 'medium' }, true],
    [{ least: 'high' }, false],
    [{ kind: 'alarm' }, true],
    [{ kind: 'outcome' }, false],
    [{ text: ' BATTERY-1  owd guard ' }, true],
    [{ text: 'ls-control-005 40' }, true],
    [{ text: 'guard releases' }, false],
  ];
  for (const [filter, expected] of cases)
    assert.equal(fits(event, { ...all, ...filter }), expected, JSON.stringify(filter));
});

test('the filter becomes a query for the cloud, or none if everything matches', () => {
  assert.equal(searchPath(all, 200), null);
  assert.equal(searchPath({ ...all, text: '  ' }, 200), null);
  assert.equal(
    searchPath({ least: 'low', kind: 'audit', text: 'A&b  100%' }, 50),
    '/v1/events?q=a%26b+100%25&kind=audit&severityFrom=low&limit=50',
  );
});

test('a search matches the event text as shown, in the language of the page', () => {
  const shownAs = (): string => 'De bewaker ontlast 40 kW';
  const found = (text: string): boolean => fits(event, { ...all, text }, shownAs);
  assert.deepEqual(
    [found('bewaker owd'), found('guard'), found('waker 40'), found('alarm')],
    [true, true, true, false],
  );
  assert.equal(searchPath({ ...all, text: 'bewaker' }, 50, 'nl'), '/v1/events?q=bewaker&language=nl&limit=50');
  assert.equal(searchPath({ ...all, kind: 'audit' }, 50, 'nl'), '/v1/events?kind=audit&limit=50');
});

test('routine events of plans are recognised by code and values, not by text', () => {
  const accepted: EventView = { ...event, kind: 'outcome', severity: 'info', code: 'document.accepted', text: 'any' };
  const routine = (more: Partial<EventView>): boolean => isPlanRoutine({ ...accepted, ...more });
  assert.ok(routine({ parameters: { type: 'plan' } }));
  assert.ok(routine({ code: 'plan.applied' }));
  assert.ok(!routine({ parameters: { type: 'command' } }));
  assert.ok(!routine({ text: 'plan to leave' }));
  assert.ok(!routine({ parameters: { type: 'plan' }, severity: 'medium' }));
});
