import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { dashboardRig } from './testing/dashboard-rig.ts';

const rig = dashboardRig();
const { open } = rig;

const HEAD = 'owd-01/feeder-1/activePowerKw';
const DAY_MS = 86_400_000;

/** What the page asked of the cloud, newest last: spans in ms UTC. */
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

const chosen = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

test('a trend shows limits, plan and forecast beside what was measured', async () => {
  const { page } = await open(`/trends?series=${HEAD}`);
  await page.waitForSelector('.chart canvas');
  const key = await page.locator('.chart-key').innerText();
  for (const text of ['owd-01 feeder-1, power', 'Planned', 'Forecast with the plan', 'Forecast 10 % to Forecast 90 %'])
    assert.ok(key.includes(text), `${text} in ${key}`);
  assert.match(await page.locator('.foot').innerText(), /limit 2600 kW; limit −2400 kW/);
  await page.context().close();
});

test('a minute of yesterday is reached by keys alone, and now again', async () => {
  const { page } = await open(`/trends?series=${HEAD}`);
  const spans = askedSpans(page);
  await page.waitForSelector('.chart canvas');
  await page.getByRole('button', { name: 'Earlier' }).press('Enter');
  await page.waitForURL(/end=/);
  await page.getByRole('button', { name: 'Later' }).press('Enter');
  await page.waitForURL((url) => !url.searchParams.has('end'));
  assert.equal(await page.getByRole('button', { name: 'Later' }).isDisabled(), true);
  const today = await page.getByLabel('Day').inputValue();
  const yesterday = new Date(Date.parse(today) - DAY_MS).toISOString().slice(0, 10);
  await page.getByLabel('Day').fill(yesterday);
  await page.waitForURL(/span=86400/);
  await page.getByLabel('Span').selectOption({ label: '1 min' });
  await page.waitForURL(/span=60&|span=60$/);
  await page.locator('.foot', { hasText: 'mean of each 1 s' }).waitFor();
  const { from, to } = spans.at(-1)!;
  assert.equal(to - from, 60_000);
  assert.equal(new Date(from + 2 * 3_600_000).toISOString().slice(0, 10), yesterday);
  assert.match(await page.locator('.foot').innerText(), /\d\d:\d\d:\d\d – .*\d\d:\d\d:\d\d/);
  await page.getByRole('button', { name: 'Back to now' }).press('Enter');
  await page.waitForURL((url) => !url.searchParams.has('end'));
  await page.context().close();
});

test('a drag over the chart looks closer, and what is dragged over is what is asked for', async () => {
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
  // A third more than the three hours is drawn, of the time to come.
  assert.ok(Math.abs(Number(span) - 0.15 * 14_400) < 300, `${span} s`);
  assert.deepEqual(errors, []);
  await page.context().close();
});
