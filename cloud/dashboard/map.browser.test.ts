import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import type { SubstationView, ValueView } from '../../shared/contracts/view.ts';
import { buildApi } from '../api/app.ts';
import { fixtureDeps, smallView, START } from '../api/testing/api-fixture.ts';
import { ensureBuilt } from './build.ts';
import { audit, launch, NARROW, pageOf, smallTargets, WIDE } from './testing/browser-kit.ts';

const pictures = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const PLACES = 120;

const value = (number: number): ValueView => ({ value: number, quality: 'good', origin: 'measured', time: START });

/** A crowd around three towns, and one substation far away; the last one exceeds its limit. */
const crowd: SubstationView[] = Array.from({ length: PLACES }, (_, place): SubstationView => {
  const [longitude, latitude] = place === 0 ? [6.2, 53.2] : [4.6 + (place % 3) * 0.5, 52 + (place % 3) * 0.3];
  const turn = place * 2.4;
  const far = place === 0 ? 0 : 0.002 * Math.sqrt(place);
  const isLast = place === PLACES - 1;
  return {
    id: `s${place}`,
    name: `Place ${place}`,
    longitude: longitude + far * Math.cos(turn),
    latitude: latitude + far * Math.sin(turn),
    gateway: `s${place}-01`,
    feeders: [],
    headSeries: [],
    activePowerKw: value(isLast ? 1200 : 100),
    loadingPct: value(isLast ? 120 : 10),
    limits: { importKw: 1000, exportKw: 1000 },
    voltageMinPu: value(1),
    voltageMaxPu: value(1),
    forecastPeak: null,
    findings: [],
    control: [],
    alarms: 0,
    link: { state: 'up', since: START, lastFrame: START },
    planStatus: 'optimal',
  };
});

let root: string;
let browser: Browser;

before(async () => {
  root = await ensureBuilt(() => undefined);
  browser = await launch();
  mkdirSync(pictures, { recursive: true });
});
after(() => browser.close());

for (const viewport of [WIDE, NARROW])
  test(`at ${viewport.width} px: ${PLACES} substations cluster, the worst stays visible, and they open by keyboard`, async (context) => {
    const { views } = fixtureDeps({});
    const region = () => ({ ...smallView(), substations: crowd });
    const { app, stream } = await buildApi(fixtureDeps({ dashboardRoot: root, views: { ...views, region } }));
    stream.start();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as { port: number };
    const page = await pageOf(browser, { viewport });
    context.after(async () => {
      await page.context().close();
      stream.stop();
      await app.close();
    });
    await page.goto(`http://127.0.0.1:${port}/`);
    const clusters = page.locator('.map .cluster');
    await clusters.first().waitFor();
    const numbers = await page.locator('.map .cluster g .station-name').allTextContents();
    const alone = await page.locator('.map a.station').count();
    assert.equal(
      numbers.reduce((sum, each) => sum + Number(each), alone),
      PLACES,
      'each substation is in one cluster',
    );
    assert.ok(numbers.length + alone <= 12, `${numbers.length + alone} marks`);
    assert.deepEqual(await audit(page), []);
    assert.deepEqual(await smallTargets(page), []);
    await page.screenshot({ path: `${pictures}map-crowd-${viewport.width}.png` });

    const bad = page.getByRole('button', { name: /priority 1 among them/ });
    assert.equal(await bad.count(), 1);
    while (await bad.count()) {
      await bad.focus();
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.textContent === 'Whole area');
    }
    const last = page.locator('.map a.station', { hasText: `Place ${PLACES - 1}` });
    await last.waitFor();
    await page.reload();
    await last.waitFor();
    assert.deepEqual(await audit(page), []);
    await page.screenshot({ path: `${pictures}map-inside-${viewport.width}.png` });
    const [back, panel] = await Promise.all(
      ['.map-back', '.area-map'].map((place) => page.locator(place).boundingBox()),
    );
    assert.ok(back!.y >= panel!.y && back!.x + back!.width <= panel!.x + panel!.width, 'the map has a link back');
    await page.getByRole('button', { name: 'Whole area' }).click();
    await clusters.nth(1).waitFor();
    assert.equal(await page.locator('.map .cluster g .station-name').count(), numbers.length);
  });

test('a click on the map opens the substation without reloading, also when the cloud is lost', async (context) => {
  const { views } = fixtureDeps({});
  const region = () => ({ ...smallView(), substations: crowd.slice(0, 3) });
  const { app, stream } = await buildApi(fixtureDeps({ dashboardRoot: root, views: { ...views, region } }));
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const page = await pageOf(browser);
  const stopped = async (): Promise<void> => {
    stream.stop();
    await app.close();
  };
  context.after(async () => {
    await page.context().close();
    await stopped();
  });
  const loads: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest()) loads.push(new URL(request.url()).pathname);
  });
  await page.goto(`http://127.0.0.1:${port}/`);
  const open = async (id: string): Promise<void> => {
    await page.locator(`.map a.station[href="/substations/${id}"]`).click();
    await page.waitForURL(`**/substations/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.deepEqual(loads, ['/'], 'the page was loaded once');
    await page.goBack();
    await page.locator('.map a.station').first().waitFor();
  };
  await open('s0');
  await page.context().setOffline(true);
  await open('s1');
  await page.context().setOffline(false);
  await stopped();
  await open('s2');
  await page.getByRole('link', { name: 'Skip to the screen' }).press('Enter');
  await page.waitForURL('**/#main');
  assert.deepEqual(loads, ['/']);

  const [elsewhere] = await Promise.all([
    page.context().waitForEvent('page'),
    page
      .locator('.map a.station')
      .first()
      .click({ modifiers: ['ControlOrMeta'] }),
  ]);
  await elsewhere.close();
});
