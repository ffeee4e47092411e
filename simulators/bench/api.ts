import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../shared/testing/until.ts';
import { RunningDemo } from '../scenarios/testing/running-demo.ts';
import { pause } from './bench-gateway.ts';
import { openLoop, type OpenLoopResult } from './open-loop.ts';
import type { BenchOptions } from './options.ts';

const REQUESTS_PER_SECOND = 200;
const WARM_UP_S = 10;

/** Time limit to train a model for the cloud and one for the gateway of each substation, on the smallest machine. */
const TRAINED_WITHIN_S = 900;

/**
 * Requests the newest forecasts of every substation, as a planner's tool does, beside the running demo: once while it trains its first
 * models on every processor, and once after training. A bare route that serves the same bytes is the baseline.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const seconds = quick ? 10 : 60;
  const load = { requestsPerSecond: REQUESTS_PER_SECOND, seconds };
  const demo = await RunningDemo.start();
  try {
    await demo.ready(300);
    say('the demo is up');
    const headers = { authorization: `Bearer ${demo.token}` };
    const list = await fetch(`${demo.url}/v1/substations`, { headers });
    const { items } = (await list.json()) as { items: readonly { id: string }[] };
    const urls = items.map(({ id }) => `${demo.url}/v1/substations/${id}/forecast?quantiles=0.1,0.5,0.9`);
    const sample = await (await fetch(urls[0]!, { headers })).text();
    await openLoop({ ...load, urls, headers, seconds: WARM_UP_S });
    const whileTraining = await openLoop({ ...load, urls, headers });
    say(`newest forecast, while models are trained: ${figures(whileTraining)}`);
    await until(
      'the first models are trained',
      async () =>
        (await demo.get<{ items: readonly unknown[] }>('/v1/models?limit=100')).items.length >= 2 * items.length,
      { withinS: TRAINED_WITHIN_S },
    );
    const ours = await openLoop({ ...load, urls, headers });
    say(`newest forecast: ${figures(ours)}`);
    const bare = await bareRoute(sample, load);
    say(`bare fastify route: ${figures(bare)}`);
    return { ...ours, whileTraining, bytes: sample.length, targets: urls.length, seconds, bare };
  } finally {
    demo.close();
  }
}

const figures = ({ p50Ms, p95Ms }: OpenLoopResult): string => `p50 ${p50Ms.toFixed(2)} ms, p95 ${p95Ms.toFixed(2)} ms`;

/** The same load on a route that does nothing, while the demo keeps running. */
async function bareRoute(
  body: string,
  load: { readonly requestsPerSecond: number; readonly seconds: number },
): Promise<OpenLoopResult> {
  const child = fork(fileURLToPath(new URL('./bare-api.child.ts', import.meta.url)), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  child.send(body);
  const [port] = (await once(child, 'message')) as [number];
  await pause(500);
  const bare = await openLoop({ ...load, urls: [`http://127.0.0.1:${port}/forecast`], headers: {} });
  child.disconnect();
  await once(child, 'exit');
  return bare;
}
