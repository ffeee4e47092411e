import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOf, gateway, ingestRig, T0 } from './testing/ingest-rig.ts';

test('events are logged once and acknowledged; an invalid one is rejected alone', async () => {
  const it = await ingestRig();
  const { edge, heard, events } = it;
  const event = (text: string) => ({ time: T0, kind: 'event', severity: 'info', code: 'test', text }) as const;
  await edge.sendRanges({ ...firstOf(7), stream: 'events' });
  await edge.sendEvents([
    { offset: 0, event: event('one') },
    { offset: 1, event: { ...event('two'), severity: 'dreadful' as 'high' } },
    { offset: 2, event: event('three') },
  ]);
  await edge.sendEvents([
    { offset: 2, event: event('three') },
    { offset: 3, event: event('four') },
  ]);
  const [ack] = await it.acks();
  assert.deepEqual(ack, {
    version: 1,
    stream: 'events',
    run: 7,
    upTo: 3,
    ranges: [],
    refused: [{ offset: 1, code: 'LS-INGEST-007' }],
  });
  assert.deepEqual(
    (await events.list({ after: 0, limit: 9 })).map((view) => view.text),
    ['one', 'three', 'four'],
  );
  assert.deepEqual(
    heard.filter((line) => line.startsWith('event')),
    ['event owd-01 one', 'event owd-01 three', 'event owd-01 four'],
  );
  events.close();
  await edge.sendEvents([{ offset: 4, event: event('five') }]);
  assert.equal((await it.acks())[0]?.upTo, 3, 'the log is down: not acknowledged');
});

test('event text of a gateway is shown as one plain line, and its time is at most in the year 9999', async () => {
  const it = await ingestRig();
  const { edge, events } = it;
  const said = {
    time: T0,
    kind: 'event',
    severity: 'info',
    code: 'te\u202Est',
    text: 'a\nAcknowledge\u0000 here',
  } as const;
  await edge.sendRanges({ ...firstOf(7), stream: 'events' });
  await edge.sendEvents([
    { offset: 0, event: { ...said, parameters: { by: 'x\ud800' } } },
    { offset: 1, event: { ...said, time: 8.64e15 } },
  ]);
  const [ack] = await it.acks();
  assert.deepEqual(ack?.refused, [{ offset: 1, code: 'LS-INGEST-007' }]);
  assert.deepEqual(
    (await events.list({ after: 0, limit: 9 })).map(({ code, text, parameters }) => [code, text, parameters]),
    [['te\ufffdst', 'a Acknowledge\ufffd here', { by: 'x\ufffd' }]],
  );
});

test("a gateway's reports of dropped and lost frames close its gaps", async () => {
  const it = await ingestRig();
  const { edge } = it;
  await edge.born(['pv-1']);
  for (let n = 0; n < 10; n++) edge.accept('pv-1', T0 + n, { activePowerKw: n });
  for (const offset of [0, 1, 8, 9]) await edge.sendFrame(offset);
  const missing = [{ run: 7, from: 2, to: 7, reason: 'dropped' as const, detail: 'budget' }];
  await edge.sendRanges({ ...firstOf(7), missing });
  assert.equal((await it.acks()).at(-1)?.upTo, 9);
  const { stored: frames, dropped, complete } = it.ledger.completeness(gateway);
  assert.deepEqual([frames, dropped, complete], [4, 6, true]);
});
