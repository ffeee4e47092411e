import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lateness } from './lateness.ts';

const DAY_MS = 86_400_000;
const BEAT_MS = 60_000;

/** Sends beats for days from a clock that gains `drift` on ours; returns the greatest lateness. */
function mostLate(lateness: Lateness, days: number, drift: number): number {
  let most = 0;
  for (let now = BEAT_MS; now <= days * DAY_MS; now += BEAT_MS)
    most = Math.max(most, lateness.ofMs(5_000_000 + now * (1 + drift), now));
  return most;
}

test('a month of clock drift in either direction is not seen as lateness', () => {
  for (const drift of [-300e-6, -100e-6, 100e-6, 300e-6])
    assert.ok(mostLate(new Lateness(), 30, drift) < 1, String(drift));
});

test('after a month of clock drift a delayed message is still measured as late by its delay', () => {
  const lateness = new Lateness();
  mostLate(lateness, 30, -100e-6);
  const now = 30 * DAY_MS;
  const sent = 5_000_000 + now * (1 - 100e-6);
  for (let heldMs = 2_000; heldMs <= 60_000; heldMs += 2_000) {
    const late = lateness.ofMs(sent + heldMs, now + 2 * heldMs);
    assert.ok(Math.abs(late - heldMs) < 0.01 * heldMs, `${late} ms of ${heldMs}`);
  }
});
