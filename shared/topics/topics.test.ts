import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  matchesFilter,
  parseSparkplugTopic,
  sparkplugFilters,
  sparkplugTopic,
  stateTopic,
  topicTable,
} from './topics.ts';

test('filters match as in MQTT 3.1.1', () => {
  const cases: [filter: string, topic: string, matches: boolean][] = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['+/b', 'a/b', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'b', false],
    ['#', 'a/b', true],
    ['a/+/#', 'a', false],
    ['a/+/#', 'a/b', true],
    ['#', '$SYS/uptime', false],
    ['+/uptime', '$SYS/uptime', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['$SYS/+', '$SYS/uptime', true],
    ['a/+', 'a/$b', true],
  ];
  for (const [filter, topic, matches] of cases)
    assert.equal(matchesFilter(filter, topic), matches, `${filter} ${topic}`);
});

test("a node's filters match everything it and its devices publish, and no commands", () => {
  const filters = sparkplugFilters('north', 'plc-1');
  const heard = (topic: string): boolean => filters.some((filter) => matchesFilter(filter, topic));
  for (const topic of [
    'NBIRTH/plc-1',
    'NDATA/plc-1',
    'NDEATH/plc-1',
    'DBIRTH/plc-1/m',
    'DDATA/plc-1/m',
    'DDEATH/plc-1/m',
  ]) {
    assert.equal(heard(`spBv1.0/north/${topic}`), true, topic);
    assert.equal(parseSparkplugTopic(`spBv1.0/north/${topic}`)?.node, 'plc-1');
  }
  for (const topic of ['NCMD/plc-1', 'DCMD/plc-1/m', 'NDATA/plc-2', 'DDATA/plc-1'])
    assert.equal(heard(`spBv1.0/north/${topic}`), false);
});

test('every topic matches version 0.1.0', () => {
  assert.deepEqual(
    Object.values(topicTable).map(({ topic, direction, qos, retain, encoding, version }) =>
      [topic, direction, qos, retain ? 'retained' : 'live', encoding, version].join(' '),
    ),
    [
      'loadstone/v1/{gateway}/events up 0 live json 1',
      'loadstone/v1/{gateway}/reported/ranges up 1 live json 1',
      'loadstone/v1/{gateway}/reported/plan up 1 live json 1',
      'loadstone/v1/{gateway}/reported/model up 1 live json 1',
      'loadstone/v1/{gateway}/reported/health up 0 live json 1',
      'loadstone/v1/{gateway}/reported/sessions up 0 live json 1',
      'loadstone/v1/{gateway}/command/result up 1 live json 1',
      'loadstone/v1/{gateway}/model/request up 1 live json 1',
      'loadstone/v1/{gateway}/reported/training/way up 1 live json 1',
      'loadstone/v1/{gateway}/reported/training up 1 live json 1',
      'loadstone/v1/{gateway}/training/chunk up 1 live bytes 1',
      'loadstone/v1/{gateway}/ack down 0 live json 1',
      'loadstone/v1/{gateway}/heartbeat down 0 live json 1',
      // Version 0.1.0 has no key lists.
      'loadstone/v1/{gateway}/desired/keys down 1 live jws 1',
      'loadstone/v1/{gateway}/desired/plan down 1 live jws 1',
      'loadstone/v1/{gateway}/desired/model down 1 live jws 1',
      'loadstone/v1/{gateway}/desired/settings down 1 live jws 1',
      'loadstone/v1/{gateway}/desired/training down 1 live jws 1',
      // Version 0.1.0 has no weather for gateways.
      'loadstone/v1/{gateway}/desired/weather down 1 live jws 1',
      'loadstone/v1/{gateway}/training/request down 1 live json 1',
      'loadstone/v1/{gateway}/command down 1 live jws 1',
      'loadstone/v1/{gateway}/model/chunk down 1 live bytes 1',
    ],
  );
  assert.equal(sparkplugTopic('north', 'DDATA', 'owd-01', 'battery-1'), 'spBv1.0/north/DDATA/owd-01/battery-1');
  assert.equal(sparkplugTopic('north', 'NBIRTH', 'owd-01'), 'spBv1.0/north/NBIRTH/owd-01');
  assert.equal(stateTopic('loadstone-cloud'), 'spBv1.0/STATE/loadstone-cloud');
});
