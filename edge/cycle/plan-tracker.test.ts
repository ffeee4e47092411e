import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages as dutch } from '../../shared/sentences/nl/messages.ts';
import { reader } from '../../shared/sentences/reader.ts';
import { messageForms } from '../../shared/sentences/message-forms.ts';
import { clampedText } from './plan-tracker.ts';

const held = (count: number): Parameters<typeof clampedText>[0] =>
  Array.from({ length: count }, (_, at) => ({ device: `battery-${at + 1}`, kw: -120.25, limitedBy: 'envelope' }));

test('the report of a clamped plan names as many devices as fit and counts the others', () => {
  assert.equal(clampedText(held(2)), 'battery-1 to -120.2 kW by envelope, battery-2 to -120.2 kW by envelope');
  const text = clampedText(held(20));
  assert.ok(text.length <= 300, text);
  const [, named, others] = /^(.*) and (\d+) more$/.exec(text)!;
  assert.equal(named!.split(', ').length + Number(others), 20);
  const inDutch = reader({ words: { envelope: 'vermogensband' }, forms: messageForms, sentences: dutch }, 'nl');
  assert.match(
    inDutch(text, 'LS-CONTROL-002')!,
    /^battery-1 op −120,2 kW door vermogensband, .* door vermogensband en nog 12$/,
  );
});
