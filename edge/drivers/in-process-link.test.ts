import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aedes, AedesPublishPacket } from 'aedes';
import { InProcessLink } from './in-process-link.ts';

test('a message that makes a driver throw is reported, and the next one is delivered', async () => {
  let deliver: (packet: AedesPublishPacket, done: () => void) => void = () => undefined;
  const broker = {
    subscribe: (_filter: string, to: typeof deliver) => (deliver = to),
    unsubscribe: () => undefined,
  } as unknown as Aedes;
  const failed: string[] = [];
  const heard: string[] = [];
  const link = new InProcessLink(
    () => broker,
    (error) => failed.push(error.message),
  );
  link.open(
    { clientId: 'drivers', subscriptions: ['meters/+'] },
    {
      onConnect: () => undefined,
      onClose: () => undefined,
      onMessage: ({ topic }) => {
        if (topic === 'meters/odd') throw new Error('what is this');
        heard.push(topic);
      },
    },
  );
  for (const topic of ['meters/odd', 'meters/1']) {
    const { promise, resolve } = Promise.withResolvers<void>();
    deliver({ topic, payload: Buffer.from('1'), retain: false } as AedesPublishPacket, resolve);
    await promise;
  }
  assert.deepEqual([failed, heard], [['what is this'], ['meters/1']]);
  await link.close();
});
