import { systemTimeBase } from '../../../shared/time/system-clock.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { buildApi } from '../app.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { fixtureDeps, START } from './api-fixture.ts';

/** Serves the API as in production, on a port of its own. */
export async function served(overrides: Parameters<typeof fixtureDeps>[0] = {}, limits = HTTP_LIMITS) {
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const clock = { plant: new VirtualClock(START).plant, machine: systemTimeBase(onFailure), speed: () => 1 };
  const deps = fixtureDeps({ clock, ...overrides });
  const { app } = await buildApi(deps, limits);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const close = async (): Promise<void> => {
    await app.close();
    await deps.attempts.close();
  };
  return { app, port, close };
}
