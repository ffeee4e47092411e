import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionDevice } from '../../shared/contracts/region.ts';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import { addAccounts, judgeAccounts, type Accounts, type AccountVerdict } from './accounts.ts';
import { testSubstation } from './testing/substation.ts';

const MINUTE = 60_000;
const base = testSubstation();
const battery: RegionDevice = {
  ...base.devices.find(({ type }) => type === 'battery')!,
  capacityKwh: 1000,
  efficiency: 0.95,
};
const site: RegionDevice = { ...battery, id: 'ev-1', type: 'ev-site', activePowerKw: 400 };
const substation = { ...base, devices: [battery, site] };

interface Said {
  readonly kw: number;
  readonly socPct?: number;
  readonly energyDueKwh?: number;
  readonly sessions?: number;
  readonly wishedKw?: number;
}

/** Feeds one device's readings, one a minute, through the accounts. */
function verdictsOf(device: string, minutes: readonly Said[]): AccountVerdict[] {
  let accounts: Accounts = new Map();
  for (const [minute, { kw, ...own }] of minutes.entries()) {
    const values = Object.entries({ activePowerKw: kw, ...own });
    const reading = values.map(([metric, value]) => [
      metric,
      { value, quality: 'good', origin: 'measured', time: minute * MINUTE },
    ]);
    accounts = addAccounts(substation, accounts, new Map([[device, Object.fromEntries(reading)]]));
  }
  return judgeAccounts(accounts);
}

/** A battery that alternates hourly between charging and discharging, with its state of charge in whole percents. */
function cycling(read: (kw: number) => number): Said[] {
  const random = new SeededRandom(3, 'battery');
  let socKwh = 500;
  return Array.from({ length: 240 }, (_, minute) => {
    const kw = Math.floor(minute / 60) % 2 === 0 ? 300 : -250;
    socKwh += (kw > 0 ? kw * 0.95 : kw / 0.95) / 60;
    return { kw: read(kw) * (1 + 0.005 * gaussian(random)), socPct: Math.round(socKwh / 10) };
  });
}

/** Cars that arrive one by one, each wanting 20 kWh at 11 kW; `known`: whether the site knows a car's demand. */
function charging(read: (kw: number) => number, known: (car: number) => boolean): Said[] {
  const random = new SeededRandom(4, 'cars');
  const due: number[] = [];
  return Array.from({ length: 240 }, (_, minute) => {
    if (minute % 30 === 0) due.push(20);
    const kw = due.reduce((sum, kwh, car) => {
      const own = kwh > 0 ? 11 : 0;
      due[car] = Math.max(0, kwh - own / 60);
      return sum + own;
    }, 0);
    const energyDueKwh = due.reduce((sum, kwh, car) => sum + (known(car) ? kwh : 0), 0);
    return { kw: read(kw) * (1 + 0.005 * gaussian(random)), energyDueKwh, sessions: due.length, wishedKw: kw };
  });
}

const kinds = (verdicts: readonly AccountVerdict[]): string[] => verdicts.map(({ kind }) => kind);
const all = (): boolean => true;
const right = (kw: number): number => kw;

test("meters that match their devices' energy are not suspected", () => {
  assert.deepEqual(verdictsOf(battery.id, cycling(right)), []);
  assert.deepEqual(verdictsOf(site.id, charging(right, all)), []);
});

test("a scaled, reversed or dead meter is found by its device's energy", () => {
  for (const factor of [0.4, 0.6, 1.6, 2.5]) {
    const off = (kw: number): number => factor * kw;
    assert.deepEqual(kinds(verdictsOf(battery.id, cycling(off))), ['gross'], `battery ${factor}`);
    assert.deepEqual(kinds(verdictsOf(site.id, charging(off, all))), ['gross'], `site ${factor}`);
  }
  assert.deepEqual(
    kinds(
      verdictsOf(
        battery.id,
        cycling((kw) => -kw),
      ),
    ),
    ['reversed'],
  );
  assert.deepEqual(
    kinds(
      verdictsOf(
        battery.id,
        cycling(() => 0),
      ),
    ),
    ['dead'],
  );
  assert.deepEqual(
    kinds(
      verdictsOf(
        site.id,
        charging(() => 0, all),
      ),
    ),
    ['dead'],
  );
});

test('the verdict gives metered and delivered energy in kWh', () => {
  const [verdict] = verdictsOf(
    site.id,
    charging((kw) => kw / 2, all),
  );
  assert.equal(verdict!.device, 'ev-1');
  assert.ok(Math.abs(verdict!.takenKwh / verdict!.meteredKwh - 2) < 0.05, JSON.stringify(verdict));
});

test('a site that reports only some of its cars, or none, gives no evidence against its meter', () => {
  for (const known of [(car: number) => car % 2 === 0, (car: number) => car < 2, () => false])
    assert.deepEqual(verdictsOf(site.id, charging(right, known)), []);
});

test('two equal cars of which one is not reported give no evidence either', () => {
  const minutes = Array.from({ length: 180 }, (_, minute) => ({
    kw: 22,
    energyDueKwh: 60 - (11 * minute) / 60,
    sessions: 2,
    wishedKw: 22,
  }));
  assert.deepEqual(verdictsOf(site.id, minutes), []);
});

test('arrivals, departures, changed requests and gaps do not count as energy', () => {
  const minutes = charging(right, all).map((said, minute) => ({
    ...said,
    energyDueKwh: said.energyDueKwh! + (Math.floor(minute / 25) % 2 === 0 ? 0 : 80),
  }));
  assert.deepEqual(verdictsOf(site.id, minutes), []);
});

test('a battery at rest proves nothing about its meter', () => {
  const resting = Array.from({ length: 240 }, () => ({ kw: 0.4, socPct: 50 }));
  assert.deepEqual(verdictsOf(battery.id, resting), []);
});
