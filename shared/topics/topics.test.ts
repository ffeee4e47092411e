import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesFilter, parseSparkplugTopic, sparkplugFilters } from './topics.ts';

test('filters match as MQTT 3.1.1 has it', () => {
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
  ];
  for (const [filter, topic, matches] of cases)
    assert.equal(matchesFilter(filter, topic), matches, `${filter} ${topic}`);
});

test('all that a node and its devices say is heard by its filters, and nothing that they are told', () => {
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
