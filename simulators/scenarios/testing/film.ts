// Makes the pictures of the README from a running demo: npm run film
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launch, WIDE } from '../../../cloud/dashboard/testing/browser-kit.ts';
import type { IncidentView } from '../../../shared/contracts/incident.ts';
import { until } from '../../../shared/testing/until.ts';
import { machineMonotonicMs } from '../../../shared/time/system-clock.ts';
import { debianTool } from '../../testing/debian.ts';
import { type RunningDemo, withDemo } from './running-demo.ts';

const FEEDER = 'hfdp-2';
/** Long enough for small trends, a plan in force and the first estimates. */
const CALM_CYCLES = 2400;
const FRAME_MS = 500;
const BEFORE_FRAMES = 6;
const FRAMES = 70;
/** The last frame stands, so that it can be read. */
const LAST_MS = 4000;
const FILM = { width: 1200, height: 750 };
const MOST_BYTES = 1_000_000;
const QUALITIES = [80, 65, 50, 35];
const deploy = join(import.meta.dirname, '..', '..', '..', 'deploy');

await withDemo({}, async (demo) => {
  const browser = await launch();
  try {
    await until('the region is calm', () => isCalm(demo), { withinS: 900, mostMs: 2000 });
    const page = await browser.newPage({ viewport: FILM });
    await page.goto(`${demo.url}/feeders/${FEEDER}`);
    await page.locator('.diagram .bus').first().waitFor();
    await film(demo, page, join(deploy, 'spike.webp'));
    await page.setViewportSize(WIDE);
    await page.goto(demo.url);
    await page.locator('.stations tbody tr').first().waitFor();
    await page.locator('.story').first().waitFor();
    await page.screenshot({ path: join(deploy, 'dashboard.png') });
    const { id } = await until('the incident is over', () => overIncident(demo), { withinS: 600, mostMs: 2000 });
    await page.goto(`${demo.url}/incidents/${id}`);
    await page.locator('.incident-curve svg').waitFor();
    await page.screenshot({ path: join(deploy, 'incident.png') });
    await demo.interrupt();
  } finally {
    await browser.close();
  }
});

async function isCalm(demo: RunningDemo): Promise<boolean> {
  const { health } = await demo.gateway('hfdp-01');
  return health?.plan.inForce === true && health.cycle.count > CALM_CYCLES;
}

/** A spike that doubles the load of a feeder, seen on its page: what is measured, what the guard does, what the desk says. */
async function film(demo: RunningDemo, page: Page, path: string): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-film-'));
  try {
    const frames: string[] = [];
    let next = machineMonotonicMs();
    for (let frame = 0; frame < FRAMES; frame++) {
      if (frame === BEFORE_FRAMES) {
        const spike = { kind: 'spike', feeder: FEEDER, percent: 100, durationS: 60 };
        const answer = await demo.post('/v1/simulation/events', spike);
        if (!answer.ok) throw new Error(`the spike: ${answer.status} ${await answer.text()}`);
      }
      const file = join(dir, `${String(frame).padStart(3, '0')}.png`);
      await page.screenshot({ path: file });
      frames.push(file);
      next += FRAME_MS;
      await page.waitForTimeout(Math.max(0, next - machineMonotonicMs()));
    }
    encode(frames, path);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One animated WebP that goes round and round, of the best quality that keeps it within a megabyte. */
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
