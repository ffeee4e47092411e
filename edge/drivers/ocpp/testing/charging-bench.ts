import assert from 'node:assert/strict';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { RATED_KW, TIMING } from '../../testing/conformance.ts';
import type { OcppVersion } from '../chargers.ts';
import { OcppDriver } from '../ocpp-driver.ts';
import { MemoryChargers } from './memory-chargers.ts';

export const START = Date.UTC(2021, 8, 25);
export const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Given {
  readonly clock?: VirtualClock;
  readonly ids?: readonly string[];
  readonly safeKw?: number;
  readonly write?: typeof TIMING & { revertAfterS: number };
  readonly ratedKw?: number;
  readonly uninterrupted?: readonly string[];
}

export function siteOf({
  clock = new VirtualClock(START),
  ids = ['cp-01'],
  safeKw = 17,
  write,
  ratedKw = RATED_KW,
  uninterrupted,
}: Given) {
  const chargers = new MemoryChargers();
  const driver = new OcppDriver({
    site: { listen: '127.0.0.1:0', chargers: ids, uninterrupted, userFile: undefined },
    openChargers: chargers.open,
    staleAfterS: 30,
    nominalV: 230,
    ratedKw,
    safeKw,
    minimumKw: 4.2,
    spans: { activePowerLimitKw: { min: 0, max: ratedKw } },
    write: write ?? { ...TIMING, revertAfterS: 180 },
    clock,
  });
  driver.start();
  driver.permit(true);
  const make = (id: string, version: OcppVersion, more: { amperesOnly?: boolean; connectors?: number } = {}) =>
    chargers.charger({ id, version, maxKw: ratedKw, now: () => clock.plant.now(), ...more });
  const value = (metric: 'activePowerKw' | 'activePowerLimitKw' | 'sessions' | 'energyDueKwh' | 'deadlineMs') =>
    driver.read().get(metric)?.value;
  return { clock, chargers, driver, make, value };
}

export const start = { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: new Date(START).toISOString() };
export const started = { eventType: 'Started', transactionInfo: { transactionId: 't-1' }, evse: { id: 1 } };

/** A site of four chargers, two of each version, and a function that runs it for a second. */
export async function four(given: Given = {}) {
  const ids = ['cp-01', 'cp-02', 'cp-03', 'cp-04'];
  const site = siteOf({
    ids,
    ratedKw: 88,
    write: { keepAliveS: 60, minIntervalS: 5, deadbandPct: 1, revertAfterS: 180 },
    ...given,
  });
  const all = ids.map((id, at) => site.make(id, at < 2 ? 'ocpp1.6' : 'ocpp2.0.1', { amperesOnly: at === 1 }));
  for (const charger of all) site.chargers.connect(charger);
  await turnOver();
  for (const charger of all) await charger.boot();
  await turnOver();
  let limit: number | undefined;
  const run = async (seconds: number, kw?: number): Promise<void> => {
    limit = kw;
    for (let at = 0; at < seconds; at++) {
      for (const charger of all) charger.step(1);
      if (at % 10 === 0) for (const charger of all) await charger.meter();
      await site.driver.hold(limit === undefined ? {} : { activePowerLimitKw: limit }, false);
      await turnOver();
      await site.clock.advance(1000);
    }
  };
  const total = (): number => all.reduce((sum, { kw }) => sum + kw, 0);
  return { ...site, all, run, total };
}

export const near = (actual: number | undefined, expected: number, what: string, by = 0.2): void =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= by, `${what}: ${actual} instead of ${expected}`);
