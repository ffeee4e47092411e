import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAsMarkdown, describeNetwork } from './describe.ts';

test('every model field has a description, and physical ones a unit', () => {
  const tables = describeNetwork();
  assert.deepEqual(
    tables.map(({ title }) => title),
    [
      'Network',
      'buses',
      'lines',
      'transformers',
      'sources',
      'loads',
      'shunts',
      'feeders',
      'threeWindingTransformers',
      'switches',
      'generators',
      'storages',
    ],
  );
  for (const { title, description, fields } of tables) {
    assert.notEqual(description, '', title);
    for (const { name, meaning, type, unit, validValues } of fields) {
      assert.notEqual(meaning, '', `${title}.${name}`);
      assert.ok(type !== 'undefined' && (validValues !== '' || type.startsWith('array')), `${title}.${name}: ${type}`);
      const bare = ['x', 'y', 'tapPosition', 'tapMin', 'tapMax', 'rxRatio', 'topologyVersion', 'version'];
      if (type === 'number' || type === 'integer') assert.equal(unit === '', bare.includes(name), `${title}.${name}`);
    }
  }
});

test('the tables are Markdown', () => {
  const text = describeAsMarkdown();
  assert.ok(text.includes('| nominalKv | number | kV | nominal voltage, line to line; 1 pu | yes | above 0 |'));
  assert.match(text, /\| noLoadAt \| string \| {2}\| .* \| no \| "from", "both", "middle" \|/);
});
