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

/** Minutes of what one device says, through the accounts. */
function told(device: string, minutes: readonly Said[]): AccountVerdict[] {
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

/** A battery that charges and discharges by the hour; its state of charge is told in whole percents. */
function cycling(read: (kw: number) => number): Said[] {
  const random = new SeededRandom(3, 'battery');
  let socKwh = 500;
  return Array.from({ length: 240 }, (_, minute) => {
    const kw = Math.floor(minute / 60) % 2 === 0 ? 300 : -250;
    socKwh += (kw > 0 ? kw * 0.95 : kw / 0.95) / 60;
    return { kw: read(kw) * (1 + 0.005 * gaussian(random)), socPct: Math.round(socKwh / 10) };
  });
}

/** Cars that come one by one, each with 20 kWh at 11 kW; `known`: what the site is told they want. */
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

test('meters that fit the accounts of their devices are found nothing wrong with', () => {
  assert.deepEqual(told(battery.id, cycling(right)), []);
  assert.deepEqual(told(site.id, charging(right, all)), []);
});

test('a meter that is off by a factor, turned or dead is told by the account of its device', () => {
  for (const factor of [0.4, 0.6, 1.6, 2.5]) {
    const off = (kw: number): number => factor * kw;
    assert.deepEqual(kinds(told(battery.id, cycling(off))), ['gross'], `battery ${factor}`);
    assert.deepEqual(kinds(told(site.id, charging(off, all))), ['gross'], `site ${factor}`);
  }
  assert.deepEqual(
    kinds(
      told(
        battery.id,
        cycling((kw) => -kw),
      ),
    ),
    ['reversed'],
  );
  assert.deepEqual(
    kinds(
      told(
        battery.id,
        cycling(() => 0),
      ),
    ),
    ['dead'],
  );
  assert.deepEqual(
    kinds(
      told(
        site.id,
        charging(() => 0, all),
      ),
    ),
    ['dead'],
  );
});

test('the verdict says what the meter showed and what was taken in, kWh', () => {
  const [verdict] = told(
    site.id,
    charging((kw) => kw / 2, all),
  );
  assert.equal(verdict!.device, 'ev-1');
  assert.ok(Math.abs(verdict!.takenKwh / verdict!.meteredKwh - 2) < 0.05, JSON.stringify(verdict));
});

test('a site that knows of some cars only, or of none, is no evidence against its meter', () => {
  for (const known of [(car: number) => car % 2 === 0, (car: number) => car < 2, () => false])
    assert.deepEqual(told(site.id, charging(right, known)), []);
});

test('two cars alike for hours, one of them unknown, are no evidence either', () => {
  const minutes = Array.from({ length: 180 }, (_, minute) => ({
    kw: 22,
    energyDueKwh: 60 - (11 * minute) / 60,
    sessions: 2,
    wishedKw: 22,
  }));
  assert.deepEqual(told(site.id, minutes), []);
});

test('cars that come, go or want something else, and gaps, are no energy', () => {
  const minutes = charging(right, all).map((said, minute) => ({
    ...said,
    energyDueKwh: said.energyDueKwh! + (Math.floor(minute / 25) % 2 === 0 ? 0 : 80),
  }));
  assert.deepEqual(told(site.id, minutes), []);
});

test('a battery at rest says nothing, whatever its meter shows', () => {
  const resting = Array.from({ length: 240 }, () => ({ kw: 0.4, socPct: 50 }));
  assert.deepEqual(told(battery.id, resting), []);
});
