import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { chromium as driver, type Browser } from 'playwright-core';
import { ensureBuilt } from '../../cloud/dashboard/build.ts';
import { chromium } from '../testing/debian.ts';
import { DashboardServer, DEVICES, FEEDER, VALUES } from './dashboard-server.ts';
import type { BenchOptions } from './options.ts';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const WIDE = { width: 1440, height: 900 };
const FRAME_MS = 1000 / 60;

interface Watched {
  readonly frames: number[];
  readonly longTasks: number[];
}

/**
 * The real page in a real browser against the real server: sizes, first view, frames while 1,000 values change each second, pages of 50,000
 * devices.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const root = await ensureBuilt(say);
  const server = new DashboardServer(root);
  const base = await server.start();
  const browser = await driver.launch({ ...chromium(), args: FLAGS });
  try {
    const first = await firstView(browser, base, quick ? 2 : 7);
    say(`first view: ${first.ms.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    const idle = await watched(browser, `${base}/events`, { ready: '.links .link-up', seconds: quick ? 3 : 10 });
    const live = await watched(browser, `${base}/feeders/${FEEDER}`, {
      ready: '.diagram .bus',
      seconds: quick ? 5 : 30,
    });
    say(`frames with ${VALUES} values a second: ${JSON.stringify(frameFigures(live.frames))}`);
    const cpuMs = await taskCpuMs(browser, `${base}/feeders/${FEEDER}`, quick ? 5 : 15);
    say(`CPU time of the longest tasks: ${cpuMs.slice(0, 3).map(rounded).join(', ')} ms`);
    const pages = await pagesOf(base, quick ? 20 : 200);
    return {
      firstViewGzipKb: gzipKb(root, first.loaded),
      firstViewMs: median(first.ms),
      firstViewMsMost: Math.max(...first.ms),
      valuesPerSecond: VALUES,
      ...frameFigures(live.frames),
      longTasks: live.longTasks.length,
      longestTaskMs: Math.max(0, ...live.longTasks),
      tasksOver50MsCpu: cpuMs.filter((ms) => ms > 50).length,
      longestTaskCpuMs: rounded(cpuMs[0] ?? 0),
      devices: DEVICES,
      pageOf50000Ms: median(pages),
      pageOf50000MsMost: Math.max(...pages),
      targets: {
        firstViewGzipKb: 120,
        firstViewMs: 1000,
        longTasks: 0,
        tasksOver50MsCpu: 0,
        pageOf50000Ms: 1000,
        frameMsP95: FRAME_MS,
      },
      baseline: { what: 'the same browser on a static screen', ...frameFigures(idle.frames) },
    };
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Script and style that the first view has loaded, gzipped as the server sends them. */
function gzipKb(root: string, loaded: readonly string[]): number {
  const sizes = loaded.map((file) => gzipSync(readFileSync(join(root, 'assets', file))).length);
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 100) / 10;
}

/** Time from navigation to the first substation on the overview, without a cache each time. */
async function firstView(browser: Browser, base: string, times: number): Promise<{ ms: number[]; loaded: string[] }> {
  const ms: number[] = [];
  let loaded: string[] = [];
  for (let time = 0; time < times; time++) {
    const page = await (await browser.newContext({ viewport: WIDE })).newPage();
    await page.goto(base, { waitUntil: 'commit' });
    await page.waitForSelector('.stations tbody tr');
    ms.push(await page.evaluate(() => performance.now()));
    const urls = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    loaded = urls.flatMap((url) => /\/assets\/([^/]+\.(?:js|css))$/.exec(url)?.[1] ?? []);
    await page.context().close();
  }
  return { ms, loaded: [...new Set(loaded)] };
}

/** Frame intervals and tasks over 50 ms on a settled screen. */
async function watched(
  browser: Browser,
  url: string,
  { ready, seconds }: { readonly ready: string; readonly seconds: number },
): Promise<Watched> {
  const page = await (await browser.newContext({ viewport: WIDE })).newPage();
  await page.goto(url);
  await page.waitForSelector(ready);
  await page.waitForTimeout(2_000);
  const found = await page.evaluate<Watched>(watchScript(seconds * 1000));
  await page.context().close();
  return found;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** CPU time of the thread, us. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/**
 * CPU time of the page's main thread per task, ms, longest first, from the browser's trace. It separates the page's share of a long task
 * from other work of the machine.
 */
async function taskCpuMs(browser: Browser, url: string, seconds: number): Promise<number[]> {
  const page = await (await browser.newContext({ viewport: WIDE })).newPage();
  await page.goto(url);
  await page.waitForSelector('.diagram .bus');
  await page.waitForTimeout(2_000);
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.waitForTimeout(seconds * 1000);
  const trace = await browser.stopTracing();
  await page.context().close();
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  return traceEvents
    .filter(({ name, ph, pid, tid }) => ph === 'X' && name === 'RunTask' && mains.has(`${pid}/${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .toSorted((a, b) => b - a);
}

/** Runs inside the page for `forMs` ms. */
const watchScript = (forMs: number): string => `(async () => {
  const frames = [];
  const longTasks = [];
  const observer = new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: 'longtask' });
  const from = performance.now();
  let last = from;
  await new Promise((done) => {
    const frame = (now) => {
      frames.push(now - last);
      last = now;
      if (now - from < ${forMs}) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  observer.disconnect();
  return { frames: frames.slice(1), longTasks };
})()`;

/** Fetches pages of 50,000 devices at random offsets and by search, as the devices screen does. */
async function pagesOf(base: string, times: number): Promise<number[]> {
  const ms: number[] = [];
  for (let time = 0; time < times; time++) {
    const searches = ['', 'battery', `d-${time * 37}`, 'substation 7', 'nothing of the kind'];
    const q = encodeURIComponent(searches[time % searches.length]!);
    const from = performance.now();
    const answer = await fetch(`${base}/v1/devices?limit=50&q=${q}`);
    await answer.json();
    if (!answer.ok) throw new Error(`GET /v1/devices answered ${answer.status}`);
    ms.push(performance.now() - from);
  }
  return ms;
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const rounded = (value: number): number => Math.round(value * 10) / 10;
const median = (values: readonly number[]): number => rounded(sorted(values)[Math.floor(values.length / 2)] ?? 0);
const at = (values: readonly number[], share: number): number =>
  rounded(sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0);

const frameFigures = (frames: readonly number[]): Record<string, number> => ({
  framesPerSecond: rounded((1000 * frames.length) / frames.reduce((sum, ms) => sum + ms, 0)),
  frameMsP50: at(frames, 0.5),
  frameMsP95: at(frames, 0.95),
  frameMsMost: rounded(Math.max(...frames)),
  framesOver25Ms: frames.filter((ms) => ms > 25).length,
});
