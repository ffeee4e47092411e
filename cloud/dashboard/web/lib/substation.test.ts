import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import type { FeederView, ValueView } from '../../../../shared/contracts/view.ts';
import { levelOfFeeder } from './substation.ts';

const alarm = (target: string, active = true) => ({ target, active, priority: 1 }) as unknown as AlarmView;
const value = (number: number) => ({ value: number }) as unknown as ValueView;
const feeder = (loadingPct: number, voltagePu = 1): FeederView =>
  ({
    head: { activePowerKw: value(10), loadingPct: value(loadingPct) },
    branches: [{ loadingPct: value(10) }],
    buses: [{ voltagePu: value(voltagePu), vMinPu: 0.9, vMaxPu: 1.1 }],
  }) as unknown as FeederView;

test('the level of a feeder comes from its own alarms and values, not from substation or neighbours', () => {
  const others = [alarm('substation:owd'), alarm('feeder:owd-2'), alarm('feeder:owd-1', false)];
  assert.equal(levelOfFeeder('owd-1', feeder(50), others), null);
  assert.equal(levelOfFeeder('owd-1', undefined, others), null);
  assert.equal(levelOfFeeder('owd-1', feeder(50), [alarm('feeder:owd-1')]), 1);
  assert.equal(levelOfFeeder('owd-1', feeder(95), []), 2);
  assert.equal(levelOfFeeder('owd-1', feeder(50, 1.12), []), 1);
});
