import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ensureBuilt } from '../../cloud/dashboard/build.ts';
import {
  assertReadable,
  launch,
  NARROW,
  pictures,
  watchedPage,
  WIDE,
} from '../../cloud/dashboard/testing/browser-kit.ts';
import { FixtureServer } from '../../cloud/dashboard/testing/fixture-server.ts';
import { FEEDER, runSpike, type SpikeRun } from './testing/spike-run.ts';

/** A head's meter reports every ten seconds, so the cloud does not see peaks in between. */
const READ_S = 12;
const READ = 0.06;
const METER = 0.02;

let run: SpikeRun;
let browser: Browser;
let root: string;

before(async () => {
  root = await ensureBuilt(() => undefined);
  [run, browser] = await Promise.all([runSpike(), launch()]);
  mkdirSync(pictures, { recursive: true });
});
after(() => browser.close());

/** Opens the page with the incidents of a moment. */
async function opened(
  { at, incidents }: SpikeRun['open'],
  path: string,
  work: (page: Page, watched: Awaited<ReturnType<typeof watchedPage>>) => Promise<void>,
  viewport = WIDE,
): Promise<void> {
  const server = new FixtureServer({ root, speed: 1, start: at });
  server.incidents = incidents;
  const base = await server.start();
  const watched = await watchedPage(browser, { viewport });
  try {
    await watched.page.goto(`${base}${path}`);
    await watched.page.waitForSelector('.links .link-up');
    await work(watched.page, watched);
  } finally {
    await watched.page.context().close();
    await server.stop();
  }
}

const figures = (text: string, pattern: RegExp): number[] => {
  const found = pattern.exec(text.replaceAll('\u202f', ''));
  assert.ok(found, `${String(pattern)} in ${text}`);
  return found.slice(1).map(Number);
};

const near = (shown: number, truth: number, share = METER): void =>
  assert.ok(Math.abs(shown - truth) <= share * Math.abs(truth), `${shown} shown, ${truth} true`);

/** Compares each sentence with what the plant did. */
function assertTrue(text: string): void {
  const { before: then, during } = run;
  assert.match(text, /Spike of load on Feeder 2 \(hfdp-2\), Hoofddorp/);
  const [from, to, more] = figures(text, /Load went from (\d+) to (\d+) kW \((\d+) % more\)/);
  near(from!, then.headKw, READ);
  near(to!, Math.max(...during.map(({ headKw }) => headKw)), READ);
  near(more!, 100 * (to! / from! - 1), 0.05);
  const [bound, worst] = figures(text, /The transformer passed its limit of (\d+) kW: (\d+) kW at worst/);
  assert.equal(bound, 7200);
  near(worst!, Math.max(...during.map(({ transformerKw }) => transformerKw)));
  const called = /The guard relieve[sd] it with (.*?)\.(?: |$)/m.exec(text)?.[1] ?? '';
  const [device, kw] = /^(\S+) \((\d+) kW\)/.exec(called)?.slice(1) ?? [];
  assert.ok(device !== undefined, `somebody relieves: ${called}`);
  const moved = Math.max(...during.map(({ devices }) => then.devices.get(device)! - devices.get(device)!));
  near(Number(kw), moved, 0.1);
  assert.equal(called, called.replace(/transformer|feeder/g, ''), 'only devices relieve');
}

test('the overview shows at a glance a spike, its feeder, and which devices the guard relieves it with', async () => {
  const { open, spikeAt, spikeEndsAt } = run;
  assert.ok(open.at < spikeEndsAt, 'the spike goes on');
  await opened(open, '/', async (page, watched) => {
    const story = page.locator('.story');
    await story.first().waitFor();
    assert.equal(await story.count(), 1, 'one cause, one incident');
    const text = await story.innerText();
    assertTrue(text);
    assert.match(text, /ongoing, for \d+ (s|min) so far/);
    assert.match(text, /The guard relieves it/);
    const [backS] = figures(text, /back inside after (\d+) s/);
    const past = run.during.filter(({ transformerKw }) => transformerKw > 7200 * (1 + METER));
    assert.ok(past.at(-1)!.at <= spikeAt + 1000 * (backS! + READ_S), 'within the limit when it says so');
    const box = await story.boundingBox();
    assert.ok(box!.y + box!.height < WIDE.height, 'without scrolling');
    await assertReadable(watched, 'story-overview');
    await story.getByRole('link', { name: /^Spike of load/ }).click();
    await page.waitForURL(`**/feeders/${FEEDER}`);
    assert.match(await page.locator('.story').innerText(), /The guard relieves it with/);
  });
});

test('when it is over, the overview and the incident say so, with its cost and who acted', async () => {
  const { over, spikeEndsAt } = run;
  await opened(over, '/', async (page) => {
    const text = await page.locator('.story').innerText();
    assertTrue(text);
    assert.match(text, /over, after \d+ min/);
    await page.getByRole('link', { name: /^Incident \d+/ }).click();
    await page.getByRole('heading', { name: /Spike of load on Feeder 2/ }).waitFor();
    const said = await page.locator('main').innerText();
    const [kwh, eur] = figures(said, /Cost: ([\d.]+) kWh held back, ([\d.]+)\sEUR/);
    const { reliefs, endedAt, jump } = over.incidents[0]!;
    near(
      kwh!,
      reliefs.reduce((sum, each) => sum + each.energyKwh, 0),
      0.01,
    );
    assert.ok(eur! > 0 && eur! < kwh!);
    assert.ok(Math.abs(jump!.endedAt! - spikeEndsAt) < 30_000, 'the jump ends with the spike');
    assert.ok(endedAt! >= spikeEndsAt);
    for (const part of [
      /jumps from \d+ to \d+ kW/,
      /is held by \d+ kW/,
      /A new plan is made: spike/,
      /The new plan is in force/,
      /Nothing of it is ongoing/,
    ])
      assert.match(said, part);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a page' }).click();
    const file = `${pictures}incident.html`;
    await (await download).saveAs(file);
    const handed = await page.context().newPage();
    const asked: string[] = [];
    handed.on('request', (request) => asked.push(request.url()));
    await handed.goto(`file://${file}`);
    const html = await handed.content();
    assert.doesNotMatch(html, /<script|https?:/, 'the file needs only a browser');
    assertTrue(`${await handed.locator('h1').innerText()} ${await handed.locator('ul').innerText()}`);
    assert.equal(asked.length, 1);
  });
});

test('an alarm links to its incident, and the link is large enough for touch', async () => {
  const [incident] = run.over.incidents;
  const entries = Array.from({ length: 100 }, (_, alarm) => ({
    at: run.over.at,
    code: 'alarm.raised',
    by: null,
    parameters: { alarm },
  }));
  const incidents = [{ ...incident!, entries: [...incident!.entries, ...entries] }];
  await opened({ ...run.over, incidents }, '/alarms', async (page, watched) => {
    const link = page.getByRole('link', { name: `Part of incident ${incident!.id}` });
    await link.waitFor();
    await assertReadable(watched, 'alarm-of-incident');
    await link.click();
    await page.waitForURL(`**/incidents/${incident!.id}`);
  });
});

for (const viewport of [WIDE, NARROW])
  test(`incidents are readable at ${viewport.width} px, light and dark`, async () => {
    const { id } = run.over.incidents[0]!;
    for (const [name, path, ready] of [
      ['incident', `/incidents/${id}`, '.incident-curve svg'],
      ['incidents', '/incidents', '.incidents tbody tr'],
      ['story-feeder', `/feeders/${FEEDER}`, '.story'],
    ] as const)
      await opened(
        run.over,
        path,
        async (page, watched) => {
          await page.waitForSelector(ready);
          await assertReadable(watched, name);
        },
        viewport,
      );
  });
