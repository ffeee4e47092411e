import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { audit } from './testing/browser-kit.ts';
import { dashboardRig } from './testing/dashboard-rig.ts';

const rig = dashboardRig();
const { open } = rig;

const HEAD = 'owd-01/feeder-1/activePowerKw';
const DAY_MS = 86_400_000;

/** Spans that the page requested, newest last, ms UTC. */
function askedSpans(page: Page): { readonly from: number; readonly to: number }[] {
  const spans: { from: number; to: number }[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname !== '/v1/trends') return;
    const [from, to] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name)!)) as [number, number];
    spans.push({ from, to });
  });
  return spans;
}

/** An alarm of owd-01 without a device; its ids are above all of the fixture's. */
const told = (id: number, time: number) => ({
  id: 1_000_000 + id,
  time,
  source: 'owd-01',
  kind: 'alarm',
  severity: 'low',
  code: 'LS-CONTROL-001',
  text: `told ${id}`,
  device: null,
  subject: null,
  active: true,
});

const chosen = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

test('a trend shows limits, plan and forecast beside measurements', async () => {
  const { page } = await open(`/trends?series=${HEAD}`);
  await page.waitForSelector('.chart canvas');
  const key = await page.locator('.chart-key').innerText();
  for (const text of ['owd-01 feeder-1, power', 'Planned', 'Forecast with the plan', 'Forecast 10 % to Forecast 90 %'])
    assert.ok(key.includes(text), `${text} in ${key}`);
  assert.match(await page.locator('.foot').innerText(), /limit 2600 kW; limit −2400 kW/);
  await page.context().close();
});

test('a minute of yesterday and now again are reached by keyboard', async () => {
  const { page } = await open(`/trends?series=${HEAD}`);
  const spans = askedSpans(page);
  await page.waitForSelector('.chart canvas');
  assert.equal(await page.getByRole('button', { name: 'Later' }).isDisabled(), true);
  const ends: number[] = [];
  for (const name of ['Earlier', 'Earlier', 'Earlier', 'Later']) {
    await page.getByRole('button', { name }).press('Enter');
    await page.waitForURL((url) => {
      const end = Date.parse(url.searchParams.get('end') ?? '');
      return Number.isFinite(end) && end !== ends.at(-1);
    });
    ends.push(Date.parse(chosen(page)['end']!));
  }
  assert.deepEqual([ends[1]! - ends[0]!, ends[2]! - ends[1]!, ends[3]! - ends[2]!], [-900_000, -900_000, 900_000]);
  const today = await page.getByLabel('Day').inputValue();
  const yesterday = new Date(Date.parse(today) - DAY_MS).toISOString().slice(0, 10);
  await page.getByLabel('Day').fill(yesterday);
  await page.waitForURL(/span=86400/);
  await page.getByLabel('Span').selectOption({ label: '1 min' });
  await page.waitForURL(/span=60&|span=60$/);
  await page.locator('.foot', { hasText: 'mean per 1 s' }).waitFor();
  const { from, to } = spans.at(-1)!;
  assert.equal(to - from, 60_000);
  assert.equal(new Date(from + 2 * 3_600_000).toISOString().slice(0, 10), yesterday);
  assert.match(await page.locator('.foot').innerText(), /\d\d:\d\d:\d\d – .*\d\d:\d\d:\d\d/);
  await page.getByRole('button', { name: 'Back to now' }).press('Enter');
  await page.waitForURL((url) => !url.searchParams.has('end'));
  await page.context().close();
});

test('a drag over the chart zooms in, and the request is for the dragged span', async () => {
  const { page, errors } = await open(`/trends?series=${HEAD}&span=10800`);
  const spans = askedSpans(page);
  const canvas = page.locator('.chart .u-over');
  await canvas.waitFor();
  const { x, y, width, height } = (await canvas.boundingBox())!;
  await page.mouse.move(x + width * 0.25, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.4, y + height / 2, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/end=/);
  const { span, end } = chosen(page);
  await page.waitForFunction(() => document.querySelector('.chart .u-over') !== null);
  const { from, to } = spans.at(-1)!;
  assert.deepEqual([to, to - from], [Date.parse(end!), 1000 * Number(span)]);
  // A third of the three hours is added for the future.
  assert.ok(Math.abs(Number(span) - 0.15 * 14_400) < 300, `${span} s`);
  assert.deepEqual(errors, []);
  await page.context().close();
});

const linksIn = (page: Page, place: string) =>
  page.locator(`${place} a.value-link`).evaluateAll((links) => links.map((link) => link.getAttribute('href')!));

test('values in tables, strip and diagram open their trend, in playback that of its moment', async () => {
  const { page, errors } = await open('/feeders/owd-1');
  await page.waitForSelector('.diagram .bus');
  assert.deepEqual(await linksIn(page, '.strip'), [`/trends?series=${HEAD}`]);
  const names = await page.locator('.devices tbody .tag').allTextContents();
  const powers = (await linksIn(page, '.devices')).filter((href) => href.endsWith('/activePowerKw'));
  assert.deepEqual(
    powers,
    names.map((name) => `/trends?series=owd-01/${name}/activePowerKw`),
  );
  assert.ok((await linksIn(page, '.devices')).some((href) => href.endsWith('/socPct')));
  const bus = (await page.locator('.devices tbody tr').first().locator('[data-name="Bus"]').textContent())!;
  await page.getByLabel('Find bus').fill(bus);
  await page.locator('.selection-name', { hasText: `Bus ${bus}` }).waitFor();
  assert.deepEqual((await linksIn(page, '.selection')).toSorted(), [
    `/trends?series=owd-01/${names[0]}/activePowerKw`,
    `/trends?series=owd-01/${names[0]}/voltagePu`,
  ]);
  await page.locator('.selection a.value-link').first().click();
  await page.waitForURL(/trends\?series=/);
  await page.getByRole('heading', { name: `owd-01 ${names[0]}, voltage` }).waitFor();
  await page.goto(`${rig.base}/playback/owd-1?at=2021-09-24T18:31:00Z`);
  await page.locator('.played-back .devices a.value-link').first().waitFor();
  const [past] = await linksIn(page, '.played-back .devices');
  assert.equal(new URL(past!, rig.base).searchParams.get('end'), '2021-09-24T18:46:00Z');
  await page.goto(`${rig.base}/substations/owd`);
  await page.locator('.strip a.value-link').waitFor();
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('any value of the substation can be added; another unit gets its own chart over the same time', async () => {
  const { page, errors } = await open(`/trends?series=${HEAD}`);
  await page.waitForSelector('.chart canvas');
  const source = page.getByLabel('Of', { exact: false }).first();
  const add = page.getByLabel('Add');
  assert.equal(await source.inputValue(), 'owd-01/feeder-1');
  assert.deepEqual((await add.locator('option').allTextContents()).slice(1), ['reactive power', 'voltage', 'current']);
  await source.selectOption('owd-01/battery-1');
  await add.selectOption({ label: 'power' });
  await page.waitForFunction(() => document.querySelectorAll('.chart-key .swatch:not(.dash, .band)').length === 2);
  await page.waitForFunction(() => document.querySelectorAll('.chart canvas').length === 1);
  await source.selectOption('owd-01/battery-1');
  await add.selectOption({ label: 'charge' });
  await page.waitForFunction(() => document.querySelectorAll('.chart canvas').length === 2);
  assert.deepEqual(await page.locator('.chart-key li:last-child').allTextContents(), ['kW', '%']);
  await page.locator('.place button', { hasText: 'Take owd-01 feeder-1' }).click();
  await page.waitForURL(
    (url) => url.searchParams.get('series') === 'owd-01/battery-1/activePowerKw,owd-01/battery-1/socPct',
  );
  assert.deepEqual(await audit(page), []);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('events of the shown devices are listed by number, those of others are not', async () => {
  const { page, errors } = await open('/trends?series=wls-01/transformer/activePowerKw&span=86400');
  await page.waitForSelector('.chart canvas');
  const rows = page.locator('.trend-events li');
  await rows.filter({ hasText: 'the meter of transformer reads nothing' }).first().waitFor();
  assert.equal(await rows.first().locator('b').textContent(), '1');
  const ofGateway = { ...told(9, 0), source: 'wls-01' };
  await page.route(/\/v1\/events\?/, async (route) => {
    const answer = await route.fetch();
    const { items, ...more } = (await answer.json()) as { items: { time: number }[] };
    const own = { ...ofGateway, time: items[0]!.time + 1 };
    await route.fulfill({ response: answer, json: { ...more, items: [own, ...items] } });
  });
  await page.goto(`${rig.base}/trends?series=wls-01/pv-1/activePowerKw&span=86400`);
  await rows.filter({ hasText: 'told 9' }).first().waitFor();
  assert.equal(await rows.filter({ hasText: 'the meter of transformer reads nothing' }).count(), 0);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('a past span lists its own events only, however many followed, and waits for the answer of the cloud', async () => {
  const { page, errors } = await open('/trends');
  const end = Date.UTC(2021, 8, 24, 12);
  const asked: (string | null)[] = [];
  const { promise: isAnswered, resolve: answer } = Promise.withResolvers<void>();
  await page.route(/\/v1\/events\?q=owd-01/, async (route) => {
    asked.push(new URL(route.request().url()).searchParams.get('to'));
    await isAnswered;
    const since = Array.from({ length: 40 }, (_, n) => told(50 - n, end + 3_600_000 - 1000 * n));
    await route.fulfill({ json: { items: [...since, told(1, end - 60_000)], nextCursor: null, searchedTo: 0 } });
  });
  await page.goto(`${rig.base}/trends?series=${HEAD}&end=2021-09-24T12:00:00Z`);
  await page.locator('.waiting', { hasText: 'Waiting for what happened' }).waitFor();
  assert.equal(await page.getByText('Only routine events').count(), 0);
  answer();
  await page.locator('.trend-events li').first().waitFor();
  const rows = await page.locator('.trend-events li .what').allTextContents();
  assert.deepEqual([rows.length, rows[0]?.includes('told 1')], [1, true]);
  assert.deepEqual([...new Set(asked)], ['2021-09-24T12:00:00.000Z']);
  assert.deepEqual(errors, []);
  await page.unroute(/\/v1\/events\?q=owd-01/);
  await page.context().close();
});

test('a span is not called quiet if the cloud did not or could not search it', async () => {
  const { page } = await open('/trends');
  const json = { items: [], nextCursor: null, searchedTo: null };
  let reply: { json: object; status?: number } = { json };
  await page.route(/\/v1\/events\?q=owd-01/, (route) => route.fulfill(reply));
  const path = `${rig.base}/trends?series=${HEAD}&end=2021-09-24T12:00:00Z`;
  const quiet = page.getByText('Only routine events in this span.');
  await page.goto(path);
  await quiet.waitFor();
  reply = { json: { ...json, nextCursor: '7', searchedTo: Date.UTC(2021, 8, 24, 13) } };
  await page.goto(path);
  await page.getByText('were not looked at').waitFor();
  assert.equal(await quiet.count(), 0);
  reply = {
    json: { type: 'about:blank', title: 'down', status: 503, detail: 'down', code: 'LS-STORE-001', remedy: '' },
    status: 503,
  };
  await page.goto(path);
  await page.getByText('LS-STORE-001').waitFor();
  assert.equal(await quiet.count(), 0);
  await page.context().close();
});
