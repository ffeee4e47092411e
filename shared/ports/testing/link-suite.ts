import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterFor, stateTopic, topicFor } from '../../topics/topics.ts';
import type { Link, LinkHandlers } from '../link.ts';

/** The gateway's id. The cloud and the gateway connect to one broker. */
export const gateway = 'owd-01';
const UP = topicFor('events', gateway);
const DOWN = topicFor('acknowledgement', gateway);
const STATE = stateTopic('cloud');

export interface LinkRig {
  /** Not opened yet. */
  readonly cloud: Link;
  readonly other: Link;
  /** Lets messages in flight arrive, or some of them. */
  readonly settle: () => Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const idle: LinkHandlers = { onConnect: () => undefined, onClose: () => undefined, onMessage: () => undefined };

const PATIENCE = 2000;

/** Tests that every adapter of a link must pass. */
export function linkSuite(name: string, open: () => Promise<LinkRig>): void {
  const reached = async ({ settle }: LinkRig, isSo: () => boolean): Promise<void> => {
    for (let turn = 0; turn < PATIENCE && !isSo(); turn++) await settle();
  };

  test(`${name}: messages arrive one by one in order; each waits until the previous one is handled`, async () => {
    const rig = await open();
    const { cloud, other, settle } = rig;
    const heard: string[] = [];
    let held = Promise.withResolvers<void>();
    cloud.open(
      { clientId: 'cloud', subscriptions: [filterFor('events')] },
      {
        ...idle,
        onMessage: async ({ topic, payload }) => {
          heard.push(`${topic} ${text(payload)}`);
          await held.promise;
        },
      },
    );
    other.open({ clientId: gateway, subscriptions: [] }, idle);
    await reached(rig, () => cloud.connected && other.connected);
    for (const n of [1, 2, 3]) assert.equal(await other.publish(UP, bytes(`${n}`), { qos: 1 }), true);
    await other.publish(topicFor('health', gateway), bytes('of no interest'), { qos: 1 });
    for (const n of [1, 2, 3]) {
      await reached(rig, () => heard.length >= n);
      await settle();
      assert.deepEqual(heard, [`${UP} 1`, `${UP} 2`, `${UP} 3`].slice(0, n));
      held.resolve();
      held = Promise.withResolvers();
    }
    held.resolve();
    for (const each of [cloud, other]) await each.close();
  });

  test(`${name}: published messages reach subscribers, and none before the link opens or after it closes`, async () => {
    const rig = await open();
    const { cloud, other, settle } = rig;
    const heard: string[] = [];
    const states: string[] = [];
    other.open(
      { clientId: gateway, subscriptions: [DOWN] },
      { ...idle, onMessage: ({ payload }) => void heard.push(text(payload)) },
    );
    assert.equal(await cloud.publish(DOWN, bytes('early'), { qos: 1 }), false);
    cloud.open(
      { clientId: 'cloud', subscriptions: [] },
      { ...idle, onConnect: () => void states.push('open'), onClose: () => void states.push('closed') },
    );
    await reached(rig, () => cloud.connected && other.connected && states.length > 0);
    for (const qos of [0, 1] as const) assert.equal(await cloud.publish(DOWN, bytes(`at ${qos}`), { qos }), true);
    await reached(rig, () => heard.length >= 2);
    await cloud.close();
    assert.equal(cloud.connected, false);
    assert.equal(await cloud.publish(DOWN, bytes('late'), { qos: 1 }), false);
    await settle();
    assert.deepEqual(heard, ['at 0', 'at 1']);
    assert.equal(states[0], 'open');
    await other.close();
  });

  test(`${name}: a late subscriber gets only the newest retained message of each topic`, async () => {
    const rig = await open();
    const { cloud, other } = rig;
    let isIn = false;
    cloud.open({ clientId: 'cloud', subscriptions: [] }, { ...idle, onConnect: () => void (isIn = true) });
    await reached(rig, () => isIn);
    for (const said of ['first', 'second'])
      assert.equal(await cloud.publish(STATE, bytes(said), { qos: 1, retain: true }), true);
    await cloud.publish(DOWN, bytes('before'), { qos: 1 });
    await rig.settle();
    const heard = new Set<string>();
    other.open(
      { clientId: gateway, subscriptions: [STATE, DOWN] },
      { ...idle, onMessage: ({ topic, payload }) => void heard.add(`${topic} ${text(payload)}`) },
    );
    await reached(rig, () => heard.size > 0);
    await cloud.publish(DOWN, bytes('now'), { qos: 1 });
    await reached(rig, () => heard.size > 1);
    assert.deepEqual([...heard], [`${STATE} second`, `${DOWN} now`]);
    for (const each of [cloud, other]) await each.close();
  });
}
