import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { testRegion } from '../../plan/testing/fixture.ts';
import { ActingWorld } from './acting-world.ts';

const START = Date.UTC(2021, 8, 25, 10);

/** The acts of a desk with a gateway in each of two substations. */
export function actsRig() {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd', 'whf'), clock);
  const { acts } = world.desk;
  return { clock, world, acts, owd: world.gateways.get('owd-01')!, whf: world.gateways.get('whf-01')! };
}

export const refused = (act: () => unknown, code: string) =>
  assert.rejects(
    async () => act(),
    (error: { code?: string }) => error.code === code,
  );

const CALLS = [
  'addOnce',
  'epoch',
  'newestNumber',
  'signed',
  'compressed',
  'byId',
  'raiseEpoch',
  'report',
  'reports',
] as const;

/** Makes every store fail until the returned function is called. */
export const databaseAway = (world: ActingWorld): (() => void) =>
  answering(world, async () => {
    throw new Error('the database is away');
  });

/** Delays each store call by `answer` until the returned function is called. */
export function answering({ store, documents }: ActingWorld, answer: () => Promise<void>): () => void {
  const slow = (of: object, call: string) => {
    const real = Reflect.get(of, call) as (...args: unknown[]) => unknown;
    return mock.method(of as Record<string, () => unknown>, call, async (...args: unknown[]) => {
      await answer();
      return Reflect.apply(real, of, args);
    });
  };
  const mocks = [slow(store, 'keep'), ...CALLS.map((call) => slow(documents, call))];
  return () => {
    for (const each of mocks) each.mock.restore();
  };
}

/** The next command is stored at once, but its store answers later. */
export function storesLate({ store }: ActingWorld): { readonly begun: Promise<void>; readonly end: () => void } {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const keep = store.keep.bind(store);
  const late: typeof store.keep = async (command) => {
    const stored = await keep(command);
    begun.resolve();
    await ended.promise;
    return stored;
  };
  mock.method(store, 'keep', late, { times: 1 });
  return { begun: begun.promise, end: () => ended.resolve() };
}
