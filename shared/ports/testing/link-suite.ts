import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link, LinkHandlers } from '../link.ts';

export interface LinkRig {
  /** Two clients of one broker, not opened yet. */
  readonly cloud: Link;
  readonly other: Link;
  /** Lets all that is under way arrive. */
  readonly settle: () => Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const idle: LinkHandlers = { onConnect: () => undefined, onClose: () => undefined, onMessage: () => undefined };

/** What every adapter of a link holds to. */
export function linkSuite(name: string, open: () => Promise<LinkRig>): void {
  test(`${name}: messages come one by one, in order; the next waits until the one before is done with`, async () => {
    const { cloud, other, settle } = await open();
    const heard: string[] = [];
    let held = Promise.withResolvers<void>();
    cloud.open(
      { clientId: 'cloud', subscriptions: ['up/+'] },
      {
        ...idle,
        onMessage: async ({ topic, payload }) => {
          heard.push(`${topic} ${text(payload)}`);
          await held.promise;
        },
      },
    );
    other.open({ clientId: 'other', subscriptions: [] }, idle);
    await settle();
    for (const n of [1, 2, 3]) assert.equal(await other.publish('up/a', bytes(`${n}`), { qos: 1 }), true);
    await other.publish('down/a', bytes('of no interest'), { qos: 1 });
    await settle();
    assert.deepEqual(heard, ['up/a 1']);
    held.resolve();
    held = Promise.withResolvers();
    await settle();
    assert.deepEqual(heard, ['up/a 1', 'up/a 2']);
    held.resolve();
    await settle();
    assert.deepEqual(heard, ['up/a 1', 'up/a 2', 'up/a 3']);
    for (const each of [cloud, other]) await each.close();
  });

  test(`${name}: what is published reaches who subscribes, and nobody before the link is open and after it is closed`, async () => {
    const { cloud, other, settle } = await open();
    const heard: string[] = [];
    const states: string[] = [];
    other.open(
      { clientId: 'other', subscriptions: ['down/#'] },
      { ...idle, onMessage: ({ payload }) => void heard.push(text(payload)) },
    );
    assert.equal(await cloud.publish('down/a', bytes('early'), { qos: 1 }), false);
    cloud.open(
      { clientId: 'cloud', subscriptions: [] },
      { ...idle, onConnect: () => void states.push('open'), onClose: () => void states.push('closed') },
    );
    await settle();
    assert.equal(cloud.connected, true);
    for (const qos of [0, 1] as const) assert.equal(await cloud.publish('down/a', bytes(`at ${qos}`), { qos }), true);
    await settle();
    await cloud.close();
    assert.equal(cloud.connected, false);
    assert.equal(await cloud.publish('down/a', bytes('late'), { qos: 1 }), false);
    await settle();
    assert.deepEqual(heard, ['at 0', 'at 1']);
    assert.equal(states[0], 'open');
    await other.close();
  });
}
