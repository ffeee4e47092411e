import { systemTimeBase } from '../../../shared/time/system-clock.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { buildApi } from '../app.ts';
import { Front } from '../front/front.ts';
import { FrontState } from '../front/state.ts';
import { HTTP_LIMITS, type HttpLimits } from '../http-limits.ts';
import { fixtureDeps, START } from './api-fixture.ts';

/** The API as it stands in service, behind its front, on a port of its own (0: any). */
export async function served(
  overrides: Parameters<typeof fixtureDeps>[0] = {},
  { limits = HTTP_LIMITS, port: wanted = 0 }: { readonly limits?: HttpLimits; readonly port?: number } = {},
) {
  const state = new FrontState();
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => void failures.push(error);
  // Two threads count a caller's rate: both by the machine's own clock.
  const clock = { plant: new VirtualClock(START).plant, machine: systemTimeBase(onFailure), speed: () => 1 };
  const deps = fixtureDeps({ clock, ...overrides, front: state });
  const { app } = await buildApi(deps, limits);
  const front = new Front(state, {
    app,
    host: '127.0.0.1',
    port: wanted,
    limits,
    time: deps.clock.machine,
    onFailure,
  });
  const port = await front.open().catch(async (error: unknown) => {
    await front.close();
    throw error;
  });
  return { app, deps, state, front, port, url: `http://127.0.0.1:${port}`, failures };
}
