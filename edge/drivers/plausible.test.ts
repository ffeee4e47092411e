import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plausible } from './plausible.ts';

test('impossible weather values are rejected', () => {
  const holds = (metric: Parameters<typeof plausible>[0], value: number): boolean => {
    const { min, max } = plausible(metric, 100);
    return value >= min && value <= max;
  };
  for (const celsius of [-40, 0, 50]) assert.ok(holds('temperatureC', celsius), `${celsius}`);
  // Readings of broken or disconnected sensors: one-wire, thermocouple, resistance thermometer, in tenths.
  for (const celsius of [-127, 85, -273.15, -200, 850, 1372, 215])
    assert.ok(!holds('temperatureC', celsius), `${celsius}`);
  assert.ok(holds('radiationWm2', -5) && holds('radiationWm2', 1300) && !holds('radiationWm2', 65_535));
  assert.ok(holds('windSpeedMs', 60) && !holds('windSpeedMs', -1) && !holds('windSpeedMs', 6553.5));
});
