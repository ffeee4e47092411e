import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, audit, cutTables, NARROW, WIDE } from './testing/browser-kit.ts';
import { dashboardRig } from './testing/dashboard-rig.ts';
import { fixtureIncident } from './testing/fixture-incident.ts';

const SCREENS: Readonly<Record<string, { readonly path: string; readonly ready: string }>> = {
  overview: { path: '/', ready: '.stations tbody tr' },
  substation: { path: '/substations/owd', ready: '.chart canvas' },
  feeder: { path: '/feeders/owd-1', ready: '.diagram .bus' },
  forecast: { path: '/forecast/owd', ready: '.chart canvas' },
  studio: {
    path: '/forecast/owd?band=20&scenario=scf_fixture',
    ready: '.chart canvas',
  },
  scorecard: { path: '/scorecards/owd', ready: '.scores tbody tr' },
  plan: { path: '/plan/owd-1', ready: '.chart canvas' },
  'plan-reasons': { path: '/plan/owd-1?reasons=all', ready: '.chart canvas' },
  'plan-envelopes': { path: '/plan/owd-1?show=envelopes', ready: '.envelopes tbody tr' },
  'plan-binding': { path: '/plan/owd-1?show=binding', ready: 'section[aria-label="Binding constraints"]' },
  'plan-basis': { path: '/plan/owd-1?show=basis', ready: 'section[aria-label="What it rests on"]' },
  trends: { path: '/trends?series=owd-01/feeder-1/activePowerKw', ready: '.chart canvas' },
  playback: { path: '/playback?at=2021-09-24T18:31:00Z', ready: '.played-back .stations tbody tr' },
  'playback-feeder': { path: '/playback/owd-1?at=2021-09-24T18:31:00Z', ready: '.played-back .diagram .bus' },
  gateways: { path: '/gateways', ready: '.gateways tbody tr' },
  alarms: { path: '/alarms', ready: '.alarms tbody tr' },
  'alarm-figures': { path: '/alarm-figures', ready: '.figures tbody tr' },
  events: { path: '/events', ready: '.events tbody tr' },
  login: { path: '/login', ready: '.sign-in-form' },
};

const rig = dashboardRig();
const { open } = rig;

for (const [name, { path, ready }] of Object.entries(SCREENS)) {
  for (const viewport of [WIDE, NARROW]) {
    test(`${name} at ${viewport.width} px, light and dark: no error, no violation, no sideways scrolling`, async () => {
      const watched = await open(path, { viewport });
      const { page } = watched;
      await page.waitForSelector(ready);
      await page.waitForSelector('.links .link-up');
      assert.deepEqual(await cutTables(page), []);
      await assertAccessible(watched, name);
      await page.context().close();
    });
  }
}

test('incidents at 1440 px, light and dark: no error, no violation, no sideways scrolling', async () => {
  rig.server.incidents = [fixtureIncident()];
  const watched = await open('/incidents');
  const { page } = watched;
  await page.waitForSelector('.incidents tbody tr');
  await assertAccessible(watched, 'incidents');
  await page.goto(`${rig.base}/incidents/7`);
  await page.waitForSelector('.incident-curve svg');
  await page.waitForSelector('.links .link-up');
  await assertAccessible(watched, 'incident');
  rig.server.incidents = [];
  await page.context().close();
});

test('the overview fits one screen: one line per substation, every panel within the window', async () => {
  for (const [width, height] of [
    [1440, 900],
    [1366, 768],
  ] as const) {
    const { page } = await open('/', { viewport: { width, height } });
    await page.waitForSelector('.stations tbody tr');
    assert.equal(await page.locator('.stations tbody tr').count(), 10);
    // On an overloaded machine a heartbeat may be late, and its banner takes space.
    await page.locator('.banner').waitFor({ state: 'detached' });
    await page.locator('.alarm-list li').first().waitFor();
    const seen = await page.evaluate(() => {
      const boxes = (selector: string) =>
        [...document.querySelectorAll(selector)].map((each) => each.getBoundingClientRect());
      return {
        below: document.documentElement.scrollHeight - window.innerHeight,
        rows: Math.max(...boxes('.stations tbody tr').map((box) => box.height)),
        cut: boxes('.panel, .alarm-list, .finding-list').filter(({ bottom }) => bottom > window.innerHeight + 0.5)
          .length,
        aside: [...document.querySelectorAll('.panel-body')].filter((each) => each.scrollWidth > each.clientWidth)
          .length,
        substituted: document.querySelectorAll('.stations .from-substituted').length,
      };
    });
    const { rows, ...rest } = seen;
    assert.deepEqual(rest, { below: 0, cut: 0, aside: 0, substituted: 6 });
    assert.ok(rows < 36, `a row takes ${rows} px`);
    await page.getByText('WLS transformer: dead').waitFor();
    await page.getByText('HFDP transformer: reversed').waitFor();
    await page.context().close();
  }
});

test('with incidents and acts above the table, the last substation is still in view', async () => {
  const { page } = await open('/');
  await page.waitForSelector('.stations tbody tr');
  const hidden = await page.evaluate(() => {
    const head = document.querySelector('.overview-head')!;
    head.insertAdjacentHTML(
      'beforeend',
      `<div><span class="tag">Guard acts</span></div><div class="stories"><section class="story open"><span></span>
        <p>Spike of load on a feeder.<br>The guard relieves it.</p><a class="button">Incident</a></section></div>`,
    );
    const last = [...document.querySelectorAll('.stations tbody tr')].at(-1)!.getBoundingClientRect();
    return last.bottom - document.querySelector('.area-list .panel-body')!.getBoundingClientRect().bottom;
  });
  assert.ok(hidden <= 0.5, `${hidden} px of the last row are hidden`);
  await page.context().close();
});

test('nothing is cut off or overlaps: long errors, full alarm counts, numbers beside branches', async () => {
  const { page } = await open('/');
  await page.waitForSelector('.stations tbody tr');
  const found = await page.evaluate(() => {
    const side = document.querySelector<HTMLElement>('.noted .value-side')!;
    side.textContent = '±12345 subst.';
    for (const count of document.querySelectorAll('.top .count')) count.lastChild!.textContent = '88';
    const more = document.querySelector('.top .counts')!;
    while (more.children.length < 3) more.append(more.firstElementChild!.cloneNode(true));
    return {
      cut: side.scrollWidth - side.clientWidth,
      header: document.querySelector('.top')!.getBoundingClientRect().height,
      counts: more.textContent,
    };
  });
  assert.deepEqual([found.cut, found.counts], [0, '888888']);
  assert.ok(found.header < 64, `the header takes ${found.header} px`);
  await page.goto(`${rig.base}/feeders/owd-1`);
  await page.waitForSelector('.diagram .way-flow');
  const crossed = await page.evaluate(() => {
    const lines = [...document.querySelectorAll('.diagram .way-line.way')];
    const texts = [...document.querySelectorAll('.diagram .way-flow')];
    const before = (line: Element, text: Element): boolean =>
      (line.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    return { lines: lines.length, over: lines.filter((line) => texts.some((text) => !before(line, text))).length };
  });
  assert.ok(crossed.lines > 10);
  assert.equal(crossed.over, 0);
  await page.context().close();
});

test('a bus is found by name and scrolled into view; a long feeder fits', async () => {
  const { page, errors } = await open('/feeders/owd-1', { viewport: NARROW });
  await page.waitForSelector('.diagram .bus');
  await page.getByLabel('Find bus').fill('18');
  await page.waitForFunction(() => document.querySelector('.selection-name')?.textContent === 'Bus 18');
  await page.waitForFunction(() => {
    const box = document.querySelector('.bus.selected')?.getBoundingClientRect();
    if (box === undefined) return false;
    return box.top >= 0 && box.bottom <= window.innerHeight && box.left >= 0 && box.right <= window.innerWidth;
  });
  await page.getByLabel('Find bus').fill('nowhere');
  await page.getByText('This feeder has no bus of that name.').waitFor();
  assert.deepEqual(await audit(page), []);
  const height = () => page.evaluate(() => document.querySelector('.diagram svg')!.getBoundingClientRect().height);
  const before = await height();
  await page.getByRole('button', { name: 'Whole feeder' }).click();
  await page.waitForFunction(
    (was) => document.querySelector('.diagram svg')!.getBoundingClientRect().height < was,
    before,
  );
  assert.ok((await height()) <= 900.5);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('by keyboard: focus is always visible, a substation opens, its diagram can be walked', async () => {
  const { page } = await open('/');
  await page.waitForSelector('.stations tbody tr');
  const stops: string[] = [];
  for (let stop = 0; stop < 60; stop++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement!;
      const box = element.getBoundingClientRect();
      const ring = element.querySelector('.station-hit') ?? element;
      const style = getComputedStyle(ring);
      return {
        name: element.textContent.trim().slice(0, 40),
        inside: box.bottom > 0 && box.top < window.innerHeight,
        ringed: style.outlineStyle !== 'none' || style.stroke !== 'none',
      };
    });
    assert.ok(focus.inside && focus.ringed, `stop ${stop}: ${JSON.stringify(focus)}`);
    stops.push(focus.name);
    if (focus.name === 'Oosterwolde' && stops.length > 12) break;
  }
  assert.ok(stops.includes('Oosterwolde'), stops.join(' | '));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/substations/owd');
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await page.goto(`${rig.base}/feeders/owd-1`);
  await page.waitForSelector('.bus[tabindex="0"]');
  assert.equal(await page.locator('.bus[tabindex="0"]').count(), 1, 'the diagram is one tab stop');
  await page.locator('.bus[tabindex="0"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('.selection-name').textContent(), 'Bus 3');
  await page.context().close();
});

test('charts and the diagram have tables for assistive technology', async () => {
  const { page } = await open('/forecast/owd');
  await page.waitForSelector('.chart canvas');
  await page.locator('.chart button', { hasText: 'Table' }).click();
  assert.ok((await page.locator('.chart tbody tr').count()) > 100);
  assert.ok((await page.locator('.chart tbody', { hasText: 'unknown' }).count()) > 0, 'a gap reads "unknown"');
  await page.goto(`${rig.base}/feeders/owd-1`);
  await page.getByRole('button', { name: 'Table' }).click();
  assert.equal(await page.locator('[aria-label="Buses"] tbody tr').count(), 33);
  assert.deepEqual(await audit(page), []);
  await page.context().close();
});

test('the forecast chart shows measurements of the same quantity that is forecast', async () => {
  for (const path of ['/forecast/owd', '/substations/owd']) {
    const asked: string[] = [];
    const { page } = await open('/');
    page.on('request', (request) => {
      if (request.url().includes('/v1/measurements')) asked.push(request.url());
    });
    await page.goto(`${rig.base}${path}`);
    await page.waitForSelector('.chart canvas');
    await page.getByText('forecast and measured: load without the devices that we command').waitFor();
    assert.ok(asked.length > 0);
    assert.deepEqual(
      asked.filter((url) => !url.includes('load=uncontrolled')),
      [],
    );
    await page.context().close();
  }
});

test('routine events of plans are hidden until one click shows them', async () => {
  const { page } = await open('/events');
  await page.locator('.events tbody tr').first().waitFor();
  await page.getByText(/plan lines? not shown/).waitFor();
  const codes = () => page.locator('.events tbody tr td:last-child').allTextContents();
  assert.deepEqual(
    (await codes()).filter((code) => code.startsWith('plan.')),
    [],
  );
  await page.getByRole('button', { name: 'Plan lines' }).click();
  await page.locator('.events tbody tr', { hasText: 'plan.' }).first().waitFor();
  await page.context().close();
});

test('UTC and local time, and colours, are switched and remembered', async () => {
  const { page } = await open('/');
  await page.locator('.clock-time', { hasText: 'CEST' }).waitFor();
  await page.getByRole('button', { name: 'UTC' }).click();
  await page.locator('.clock-time', { hasText: 'UTC' }).waitFor();
  await page.locator('.choices .quiet').click();
  await page.reload();
  await page.locator('.clock-time', { hasText: 'UTC' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset['theme']), 'light');
  await page.context().close();
});

test('on a narrow screen a gateway is a labelled card, and choosing one shows its details', async () => {
  const { page } = await open('/gateways', { viewport: NARROW });
  const rows = page.locator('.gateways tbody tr');
  await rows.first().waitFor();
  const names = await rows
    .first()
    .locator('td')
    .evaluateAll((cells) => cells.map((cell) => cell.dataset['name']));
  const heads = await page.locator('.gateways thead th').allTextContents();
  assert.deepEqual(names, heads.slice(1));
  const last = await rows.last().locator('th').innerText();
  await rows.last().getByRole('button').click();
  await page.getByRole('region', { name: last }).waitFor();
  await page.waitForFunction(() => {
    const box = document.querySelector('.chosen-gateway')?.getBoundingClientRect();
    return box !== undefined && box.top < window.innerHeight;
  });
  await page.context().close();
});

test('a missing forecast, plan or place is named', async () => {
  const { page } = await open('/forecast/nryn');
  await page.locator('.problem').waitFor();
  await page.goto(`${rig.base}/plan/nryn-1`);
  await page.getByText('No plan has been made for nryn-1 yet.').waitFor();
  assert.equal(await page.getByText('LS-API-004').count(), 0);
  await page.goto(`${rig.base}/plan/nowhere-1`);
  await page.getByText('LS-API-004').waitFor();
  await page.goto(`${rig.base}/nowhere`);
  await page.getByRole('heading', { name: 'No such screen' }).waitFor();
  await page.context().close();
});

test('a failing screen says so, leaves the rest of the page working, and recovers by itself', async () => {
  const { page, errors } = await open('/events');
  await page.waitForSelector('.events tbody tr');
  await page.waitForSelector('.alarm-banner');
  const figures = '**/v1/alarms/figures*';
  await page.route(figures, (route) => route.fulfill({ json: {} }));
  await page.evaluate(() => {
    history.pushState(null, '', '/alarm-figures');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await page.locator('main .fence').waitFor();
  assert.ok(errors.length > 0, 'the error is logged to the console');
  assert.equal(await page.locator('.alarm-banner').count(), 1);
  await page.unroute(figures);
  await page.locator('.figures tbody tr').first().waitFor();
  assert.equal(await page.locator('.fence').count(), 0);
  await page.locator('header a[href="/alarms"]').click();
  await page.locator('.alarms tbody tr').first().waitFor();
  await page.context().close();
});
