import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionsReport, type ChargingSession } from '../../shared/contracts/sessions.ts';
import { checker } from '../../shared/contracts/validate.ts';
import type { Driver } from '../drivers/driver.ts';
import { SessionReporter } from './session-reporter.ts';

test('charging sessions are reported at once on arrival, departure and reconnection, else periodically', () => {
  let list: ChargingSession[] | undefined;
  const site = { sessions: () => list } as Partial<Driver> as Driver;
  const reporter = new SessionReporter(
    new Map([
      ['ev-1', site],
      ['battery-1', {} as Driver],
    ]),
  );
  const at = (second: number) => reporter.due(1_000_000 + second * 1000, second * 1000);
  assert.equal(at(0), undefined, 'the driver knows no sessions yet');
  list = [];
  assert.deepEqual(at(1)?.sites, [{ device: 'ev-1', sessions: [] }], 'an empty site is reported too');
  const car = { id: 'a/1', energyDueKwh: 20.123456, departure: 9_000_000.4, maxKw: 11, minKw: 4.2 };
  list = [car];
  const report = at(2)!;
  assert.deepEqual(report.sites[0]!.sessions, [{ ...car, energyDueKwh: 20.12, departure: 9_000_000 }]);
  assert.ok(checker(SessionsReport, 'LS-INGEST-007')(report).ok);
  assert.equal(at(200), undefined, 'nothing has changed');
  list = [{ ...car, energyDueKwh: 18 }];
  assert.equal(at(201)?.sites[0]!.sessions[0]!.energyDueKwh, 18, 'changes after a minute');
  list = [{ ...car, energyDueKwh: 17 }];
  assert.equal(at(230), undefined);
  assert.ok(at(262) !== undefined);
  assert.equal(at(500), undefined);
  assert.ok(at(563) !== undefined, 'everything after five minutes');
  assert.equal(at(564), undefined);
  reporter.again();
  assert.ok(at(565) !== undefined);
  list = [{ ...car, uninterrupted: true, charging: false }];
  assert.deepEqual(at(566)?.sites[0]!.sessions[0]?.charging, false, 'it must not pause');
  list = [{ ...car, uninterrupted: true, charging: true }];
  assert.deepEqual(at(567)?.sites[0]!.sessions[0]?.charging, true, 'at once when it begins to charge');
  list = [];
  assert.ok(at(568) !== undefined, 'it has left');
});
