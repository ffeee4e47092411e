import { setTimeout as pause } from 'node:timers/promises';
import { chromium as driver, type Browser } from 'playwright-core';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { RunningDemo } from '../scenarios/testing/running-demo.ts';
import { chromium } from '../testing/debian.ts';
import { delays, pssOf, rounded, sampleOf, type Reading, type Sample } from './demo-sample.ts';
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
 * First runs at real-time speed, with two substations and with ten. Then runs the demo as a user starts it, with the overview open in a
 * browser, and samples its resource use. Ctrl-C ends the bench with the results so far.
 */
export async function run({ say, quick, hours = quick ? QUICK_HOURS : HOURS }: BenchOptions) {
  const ended = new AbortController();
  // The handlers stay installed: terminal and launcher both deliver the same Ctrl-C.
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
  const fromMs = await plantMs(demo);
  const read = async (): Promise<Reading> => ({
    atMs: passedMs(),
    streamedBytes: streamed(),
    ...(await delays(demo)),
    plantHours: rounded(((await plantMs(demo)) - fromMs) / (60 * MINUTE_MS)),
    pss: pssOf(demo),
  });
  const first = await read();
  const samples: Sample[] = [sampleOf(first, first)];
  let now = first;
  let sampled = first;
  const endMs = hours * 60 * MINUTE_MS;
  while (passedMs() < endMs && !signal.aborted) {
    await pause(Math.min(MINUTE_MS, endMs - passedMs()), undefined, { signal }).catch(() => undefined);
    const before = now;
    now = await read();
    const { minutes, plantHours, total, processes, ...took } = sampleOf(before, now);
    say(
      `${minutes} min, ${plantHours} h of plant time: ${total} MB in total, cloud ${processes['cloud'] ?? 0} MB, ` +
        `main thread ${took.mainThreadP99Ms} ms at p99, of which own CPU time ${took.mainThreadCpuP99Ms}, stream ${Math.round((took.streamBytesPerSecond ?? 0) / 100) / 10} kB/s`,
    );
    if (now.atMs < samples.length * SAMPLE_MS || now.atMs >= endMs) continue;
    samples.push(sampleOf(sampled, now));
    sampled = now;
  }
  samples.push(sampleOf(sampled, now));
  const { mainThreadP99Ms, mainThreadCpuP99Ms, streamBytesPerSecond } = sampleOf(first, now);
  return {
    hours: Math.round(now.atMs / 36_000) / 100,
    ...(signal.aborted ? { interrupted: true } : {}),
    mainThreadP99Ms,
    mainThreadCpuP99Ms,
    pssMb: samples,
    streamBytesPerSecond,
    alarms: await alarmsOf(demo),
    targets: { mainThreadP99Ms: 100, cloudPssMb: 700, twoGatewaysRssMb: 350, gatewayPssMb: 150 },
  };
}

/** Opens the overview; returns a function that reads how many event bytes it has received, compressed. */
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

/** Plant time; on a busy machine it runs slower than requested. */
async function plantMs(demo: RunningDemo): Promise<number> {
  return (await demo.region()).clock.plantTime;
}

/** How often each alarm was raised, by code. */
async function alarmsOf(demo: RunningDemo): Promise<Record<string, number>> {
  const raised = (await demo.events()).filter(({ kind, active }) => kind === 'alarm' && active === true);
  const counts = Map.groupBy(raised, ({ code }) => code);
  return Object.fromEntries([...counts].map(([code, { length }]) => [code, length]));
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('exited before the demo was up'))),
  );
