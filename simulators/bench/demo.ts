import { setTimeout as pause } from 'node:timers/promises';
import { chromium as driver, type Browser } from 'playwright-core';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { RunningDemo } from '../scenarios/testing/running-demo.ts';
import { chromium } from '../testing/debian.ts';
import { delays, rounded, sampleOf } from './demo-sample.ts';
import { p99Ms } from './delays.ts';
import type { BenchOptions } from './options.ts';
import { realTime } from './real-time.ts';

const HOURS = 2;
const QUICK_HOURS = 0.1;
const QUICK_SUBSTATIONS = ['owd', 'hal'];
const READY_S = 900;
const REAL_TIME_MIN = { whole: 10, quick: 2 };
const MINUTE_MS = 60_000;
const SAMPLE_MS = 30 * MINUTE_MS;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * First at the speed of life, two substations and ten. Then the demo as a user starts it, with the overview open in a browser: what it
 * takes while it runs. Ctrl-C ends it with what was measured.
 */
export async function run({ say, quick, hours = quick ? QUICK_HOURS : HOURS }: BenchOptions) {
  const ended = new AbortController();
  // They stay: a terminal and the launcher both tell of one Ctrl-C.
  for (const signal of SIGNALS) process.on(signal, () => ended.abort());
  const lifelike = [];
  for (const substations of quick ? [QUICK_SUBSTATIONS] : [QUICK_SUBSTATIONS, undefined]) {
    const minutes = quick ? REAL_TIME_MIN.quick : REAL_TIME_MIN.whole;
    lifelike.push(await realTime({ substations, minutes, say, signal: ended.signal }));
  }
  await using opened = new AsyncDisposableStack();
  const demo = await RunningDemo.start(quick ? { substations: QUICK_SUBSTATIONS } : {});
  opened.defer(() => demo.close());
  opened.defer(async () => {
    if (demo.processes().length > 0) await demo.interrupt();
  });
  await Promise.race([demo.ready(READY_S), whenAborted(ended.signal)]);
  say('the demo is up');
  const ours = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const browser = await driver.launch({ ...chromium(), ...ours, args: FLAGS });
  opened.defer(() => browser.close());
  const streamed = await openPage(browser, demo.url);
  return { ...(await watch(demo, { hours, streamed, say, signal: ended.signal })), realTime: lifelike };
}

interface Watching {
  readonly hours: number;
  readonly streamed: () => number;
  readonly say: BenchOptions['say'];
  readonly signal: AbortSignal;
}

async function watch(demo: RunningDemo, { hours, streamed, say, signal }: Watching): Promise<Record<string, unknown>> {
  const beganMs = machineMonotonicMs();
  const passedMs = (): number => machineMonotonicMs() - beganMs;
  const bytesBefore = streamed();
  const first = await delays(demo);
  const fromMs = await plantMs(demo);
  const plantHours = async (): Promise<number> => rounded(((await plantMs(demo)) - fromMs) / (60 * MINUTE_MS));
  const samples = [{ ...sampleOf(demo, 0), plantHours: 0 }];
  let before = first;
  let now = first;
  while (passedMs() < hours * 60 * MINUTE_MS && !signal.aborted) {
    const bytes = streamed();
    const sinceMs = passedMs();
    const leftMs = hours * 60 * MINUTE_MS - sinceMs;
    await pause(Math.min(MINUTE_MS, leftMs), undefined, { signal }).catch(() => undefined);
    now = await delays(demo);
    const sample = { ...sampleOf(demo, passedMs() / MINUTE_MS), plantHours: await plantHours() };
    if (passedMs() >= samples.length * SAMPLE_MS) samples.push(sample);
    const perS = (streamed() - bytes) / ((passedMs() - sinceMs) / 1000);
    say(
      `${sample.minutes} min, ${sample.plantHours} h of the plant: ${sample.total} MB in all, cloud ${sample.processes['cloud'] ?? 0} MB, ` +
        `main thread ${p99Ms(before.late, now.late)} ms at p99, its own doing ${p99Ms(before.cpu, now.cpu)}, stream ${Math.round(perS / 100) / 10} kB/s`,
    );
    before = now;
  }
  const ranS = passedMs() / 1000;
  samples.push({ ...sampleOf(demo, passedMs() / MINUTE_MS), plantHours: await plantHours() });
  return {
    hours: Math.round(ranS / 36) / 100,
    ...(signal.aborted ? { interrupted: true } : {}),
    mainThreadP99Ms: p99Ms(first.late, now.late),
    mainThreadCpuP99Ms: p99Ms(first.cpu, now.cpu),
    pssMb: samples,
    streamBytesPerSecond: Math.round((streamed() - bytesBefore) / ranS),
    alarms: await alarmsOf(demo),
    targets: { mainThreadP99Ms: 100, cloudPssMb: 700, twoGatewaysRssMb: 350, gatewayPssMb: 150 },
  };
}

/** Opens the overview; answers how to read the bytes of events that it has been sent, compressed as they came. */
async function openPage(browser: Browser, url: string): Promise<() => number> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const network = await page.context().newCDPSession(page);
  const streams = new Set<string>();
  let bytes = 0;
  network.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (new URL(request.url).pathname === '/v1/stream') streams.add(requestId);
  });
  network.on('Network.dataReceived', ({ requestId, dataLength, encodedDataLength }) => {
    if (streams.has(requestId)) bytes += encodedDataLength > 0 ? encodedDataLength : dataLength;
  });
  await network.send('Network.enable');
  await page.goto(url);
  await page.waitForSelector('.stations tbody tr');
  return () => bytes;
}

/** Plant time: on a busy machine it runs slower than it is asked to. */
async function plantMs(demo: RunningDemo): Promise<number> {
  return (await demo.region()).clock.plantTime;
}

/** How often each alarm was raised, by its code. */
async function alarmsOf(demo: RunningDemo): Promise<Record<string, number>> {
  const raised = (await demo.events()).filter(({ kind, active }) => kind === 'alarm' && active === true);
  const counts = Map.groupBy(raised, ({ code }) => code);
  return Object.fromEntries([...counts].map(([code, { length }]) => [code, length]));
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended before the demo was up'))));
