// Makes the pictures of the README from a running demo: npm run film
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launch, WIDE } from '../../../cloud/dashboard/testing/browser-kit.ts';
import type { AlarmView } from '../../../shared/contracts/alarm.ts';
import type { IncidentView } from '../../../shared/contracts/incident.ts';
import type { FeederView } from '../../../shared/contracts/view.ts';
import { until } from '../../../shared/testing/until.ts';
import { machineMonotonicMs } from '../../../shared/time/system-clock.ts';
import { debianTool } from '../../testing/debian.ts';
import { type RunningDemo, withDemo } from './running-demo.ts';

/** Long enough for short trends, a plan in force and the first estimates. */
const CALM_CYCLES = 2400;
const FRAME_MS = 500;
const BEFORE_FRAMES = 6;
const FRAMES = 70;
/** The last frame stays, so that it can be read. */
const LAST_MS = 4000;
const FILM = { width: 1200, height: 750 };
const MOST_BYTES = 1_000_000;
const QUALITIES = [80, 65, 50, 35];
/** Load over its limit: enough to be visible, and less than a battery can relieve. */
const PAST = 1.04;
const deploy = join(import.meta.dirname, '..', '..', '..', 'deploy');

/** Where the film is made. */
interface Site {
  readonly feeder: string;
  /** Size of the spike. */
  readonly percent: number;
}

await withDemo({}, async (demo) => {
  const browser = await launch();
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-film-'));
  const made = (name: string): string => join(dir, name);
  try {
    const site = await until('one spike exceeds a limit on a healthy feeder', () => siteOf(demo), {
      withinS: 900,
      mostMs: 2000,
    });
    await acknowledgeAll(demo);
    const page = await browser.newPage({ viewport: FILM });
    await page.goto(`${demo.url}/feeders/${site.feeder}`);
    await page.locator('.diagram .bus').first().waitFor();
    const frames = await film(demo, page, { site, dir });
    await page.setViewportSize(WIDE);
    await page.goto(demo.url);
    await page.locator('.stations tbody tr').first().waitFor();
    await page.locator('.story').first().waitFor();
    await page.screenshot({ path: made('dashboard.png') });
    const incident = await until('the incident is over', () => overIncident(demo), { withinS: 600, mostMs: 2000 });
    assertClean(incident, site);
    await page.goto(`${demo.url}/incidents/${incident.id}`);
    await page.locator('.incident-curve svg').waitFor();
    await page.screenshot({ path: made('incident.png') });
    encode(frames, made('spike.webp'));
    for (const name of ['spike.webp', 'dashboard.png', 'incident.png']) copyFileSync(made(name), join(deploy, name));
    await demo.interrupt();
  } finally {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

/**
 * The feeder on which the smallest spike exceeds a limit, its own or its transformer's, and a battery can relieve it. Among calm
 * substations, those without meter findings come first: two of the demo have a faulty meter, as in their source data.
 */
async function siteOf(demo: RunningDemo): Promise<Site | undefined> {
  const { substations } = await demo.region();
  const sites: (Site & { readonly findings: number })[] = [];
  for (const { activePowerKw, limits, findings, feeders, gateway } of substations) {
    const { health } = await demo.gateway(gateway);
    const isCalm = health?.plan.inForce === true && !health.guard.active && health.cycle.count > CALM_CYCLES;
    if (!isCalm) continue;
    const views = await Promise.all(feeders.map((feeder) => demo.feeder(feeder)));
    const hasBattery = ({ devices }: FeederView): boolean => devices.some(({ type }) => type === 'battery');
    const canRelieve = views.some(hasBattery);
    for (const [index, view] of views.entries()) {
      const { value } = view.head.activePowerKw;
      if (value === null || value <= 0) continue;
      const roomsKw: number[] = [];
      if (canRelieve && activePowerKw.value !== null) roomsKw.push(PAST * limits.importKw - activePowerKw.value);
      if (hasBattery(view) && view.head.limits !== undefined) roomsKw.push(PAST * view.head.limits.importKw - value);
      const percent = Math.ceil((100 * Math.min(...roomsKw)) / value);
      if (percent > 0 && percent <= 100) sites.push({ feeder: feeders[index]!, percent, findings: findings.length });
    }
  }
  return sites.toSorted((a, b) => a.findings - b.findings || a.percent - b.percent)[0];
}

/** Acknowledges the standing alarms as an operator would, so that the banner is free for new ones. */
async function acknowledgeAll(demo: RunningDemo): Promise<void> {
  const { items } = await demo.get<{ items: AlarmView[] }>('/v1/alarms');
  const ids = items.filter(({ state }) => state !== 'acknowledged').map(({ id }) => id);
  if (ids.length === 0) return;
  const answer = await demo.post('/v1/alarms/acknowledge', { ids });
  if (!answer.ok) throw new Error(`the alarms: ${answer.status} ${await answer.text()}`);
}

/** Films a spike past a limit on its feeder's page: the measurements, the guard's action, the desk's report. Returns the frames. */
async function film(
  demo: RunningDemo,
  page: Page,
  { site, dir }: { readonly site: Site; readonly dir: string },
): Promise<string[]> {
  const frames: string[] = [];
  let next = machineMonotonicMs();
  for (let frame = 0; frame < FRAMES; frame++) {
    if (frame === BEFORE_FRAMES) {
      const answer = await demo.post('/v1/simulation/events', {
        kind: 'spike',
        feeder: site.feeder,
        percent: site.percent,
        durationS: 60,
      });
      if (!answer.ok) throw new Error(`the spike: ${answer.status} ${await answer.text()}`);
    }
    const file = join(dir, `${String(frame).padStart(3, '0')}.png`);
    await page.screenshot({ path: file });
    frames.push(file);
    next += FRAME_MS;
    await page.waitForTimeout(Math.max(0, next - machineMonotonicMs()));
  }
  return frames;
}

/** Throws unless the incident is exactly one spike past one limit, met by the guard. */
function assertClean({ feeder, kind, limit, reliefs, entries }: IncidentView, site: Site): void {
  const strange = entries.filter(({ code }) => ['alarm.raised', 'gateway.silent', 'cloud.restarted'].includes(code));
  const isClean =
    feeder === site.feeder && kind === 'spike' && limit !== null && limit.backAt !== null && reliefs.length > 0;
  if (isClean && strange.length === 0) return;
  const told = JSON.stringify({ feeder, kind, limit, reliefs, strange });
  throw new Error(`expected one spike at ${site.feeder} that the guard relieved: ${told}`);
}

/** One looping animated WebP, of the best quality that stays within a megabyte. */
function encode(frames: readonly string[], path: string): void {
  const { path: img2webp, env } = debianTool('img2webp');
  for (const quality of QUALITIES) {
    const each = ['-lossy', '-q', `${quality}`, '-m', '4', '-d', `${FRAME_MS}`];
    const args = ['-loop', '0', ...each, ...frames.slice(0, -1), '-d', `${LAST_MS}`, frames.at(-1)!, '-o', path];
    const { status, stderr } = spawnSync(img2webp, args, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`img2webp: ${stderr}`);
    if (statSync(path).size <= MOST_BYTES) return;
  }
  throw new Error(`${path} stays above ${MOST_BYTES} bytes`);
}

async function overIncident(demo: RunningDemo): Promise<IncidentView | undefined> {
  const { items } = await demo.get<{ items: IncidentView[] }>('/v1/incidents');
  return items.find(({ endedAt }) => endedAt !== null);
}
