import { Agent, get } from 'node:http';
import { quantilesOf } from '../../shared/forecast/quantiles.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { pause } from './bench-gateway.ts';

export interface OpenLoopOptions {
  readonly urls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

export interface OpenLoopResult {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly requestsPerSecond: number;
  readonly failed: number;
}

const SOCKETS = 64;
const TICK_MS = 1;

/**
 * Sends requests at a fixed rate, regardless of response times, over kept-alive connections. Latency counts from when the request was due,
 * so a server that stalls is charged for every request that had to wait (no coordinated omission).
 */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { urls, requestsPerSecond, seconds } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const count = Math.round(requestsPerSecond * seconds);
  const taken: number[] = [];
  let failed = 0;
  const pending: Promise<void>[] = [];
  const begin = machineMonotonicMs();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.floor(((machineMonotonicMs() - begin) / 1000) * requestsPerSecond) + 1);
    for (; sent < due; sent++) {
      const dueAt = begin + (sent / requestsPerSecond) * 1000;
      pending.push(
        once(urls[sent % urls.length]!, agent, options.headers).then((good) => {
          taken.push(machineMonotonicMs() - dueAt);
          if (!good) failed++;
        }),
      );
    }
    await pause(TICK_MS);
  }
  await Promise.all(pending);
  const reached = count / ((machineMonotonicMs() - begin) / 1000);
  agent.destroy();
  const [p50Ms, p95Ms, p99Ms] = quantilesOf(taken, [0.5, 0.95, 0.99]);
  return { p50Ms: p50Ms!, p95Ms: p95Ms!, p99Ms: p99Ms!, requestsPerSecond: reached, failed };
}

/** True when the complete response came with status 200. */
function once(url: string, agent: Agent, headers: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent, headers, timeout: 30_000 }, (response) => {
      response.on('data', () => undefined);
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
