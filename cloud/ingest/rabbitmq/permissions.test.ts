import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LANES } from '../../task-queue/lanes.ts';
import { ANSWER_EXCHANGE, DEAD_EXCHANGE, DEAD_QUEUE, TASK_EXCHANGE, taskQueue } from '../../task-queue/topology.ts';
import { rightsCases } from '../testing/rights-cases.ts';
import { TopicRights } from '../topic-rights.ts';
import { permissionsOf } from './permissions.ts';
import { keyOf, keysOfGateway, queueOf, topicOf, upQueues } from './topology.ts';

/** Translates Erlang's regular expressions to JavaScript's. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(pattern.replace('\\A', '^').replace('\\z', '$')).test(text);

test('the RabbitMQ permissions of a gateway match its rights in more than 500 cases', () => {
  const cases = rightsCases('owd-01', 'wls-01', 'north');
  const rights = new TopicRights('owd-01', 'north');
  const { topics } = permissionsOf('owd-01', 'north');
  const granted = cases.filter(({ act, on }) => {
    const expected = act === 'publish' ? rights.mayPublish(on) : rights.maySubscribe(on);
    const pattern = act === 'publish' ? topics.write : topics.read;
    assert.equal(matches(pattern, keyOf(on)), expected, `${act} ${JSON.stringify(on)}`);
    return expected;
  });
  assert.ok(cases.length >= 500 && granted.length >= 30, `${granted.length} of ${cases.length}`);
});

test('a gateway may use the queues of its own subscriptions, and no others', () => {
  const { configure, write, read } = permissionsOf('owd-01', 'north').resources;
  for (const queue of ['mqtt-subscription-owd-01qos0', 'mqtt-subscription-owd-01qos1'])
    for (const pattern of [configure, write, read]) assert.ok(matches(pattern, queue), queue);
  const tasks = [TASK_EXCHANGE, DEAD_EXCHANGE, DEAD_QUEUE, ANSWER_EXCHANGE, ...LANES.map(taskQueue), 'amq.default'];
  const others = ['mqtt-subscription-owd-01xqos0', 'mqtt-subscription-wls-01qos1', 'up.00', 'loadstone.up', ''];
  for (const name of [...others, ...tasks])
    for (const pattern of [configure, write, read]) assert.ok(!matches(pattern, name), name);
  assert.ok(matches(write, 'amq.topic') && matches(read, 'amq.topic') && !matches(configure, 'amq.topic'));
  assert.ok(!matches(write, 'amqxtopic'));
});

test('a gateway reaches neither the queues between processes of a cloud nor their exchange', () => {
  const { configure, write, read } = permissionsOf('owd-01', 'north').resources;
  for (const name of ['loadstone.owner', 'loadstone.calls', 'amq.gen-JzTY20BRgKO', 'amq.default'])
    for (const pattern of [configure, write, read]) assert.ok(!matches(pattern, name), name);
});

test('topics survive the conversion to routing keys', () => {
  for (const topic of [
    'loadstone/v1/owd-01/events',
    'spBv1.0/north/DDATA/owd-01/pv-1',
    'spBv1.0/STATE/loadstone-cloud',
  ])
    assert.equal(topicOf(keyOf(topic)), topic);
  assert.equal(keyOf('spBv1.0/north/DDATA/+/+'), 'spBv1___0.north.DDATA.*.*');
});

test('a gateway keeps its partition forever', () => {
  assert.deepEqual(
    ['owd-01', 'wls-01', 'hal-01'].map((gateway) => queueOf(gateway)),
    ['up.63', 'up.00', 'up.61'],
  );
  assert.equal(upQueues.length, 64);
  const used = new Set(Array.from({ length: 1000 }, (_, n) => queueOf(`gw-${n}`)));
  assert.equal(used.size, 64);
  assert.deepEqual(keysOfGateway('owd-01', 'north'), ['loadstone.v1.owd-01.#', 'spBv1___0.north.*.owd-01.#']);
});
