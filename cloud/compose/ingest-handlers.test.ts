import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { ingestHandlers, type HandlerParts } from './ingest-handlers.ts';

test('a returning gateway gets its stop first, then its documents, even if one of them fails', async () => {
  const done: string[] = [];
  const gives = (what: string) => async (gateway: string) => {
    done.push(`${what} ${gateway}`);
    throw new Error(`${what}: disk full`);
  };
  const nothing = (): void => undefined;
  const handlers = ingestHandlers({
    clock: new VirtualClock(0),
    live: { onBirth: nothing },
    losses: { back: nothing },
    lost: { back: nothing },
    gateways: { born: nothing },
    dispatch: { onBorn: gives('documents') },
    desk: { acts: { onBorn: gives('stop') } },
  } as unknown as HandlerParts);
  await assert.rejects(async () => handlers.onBirth?.('owd-01', undefined, false), /disk full/);
  assert.deepEqual(done, ['stop owd-01', 'documents owd-01']);
});
