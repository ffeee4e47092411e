import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBus, geometryOf, shadeOf, shortName } from './diagram-geometry.ts';
import { layoutFeeder } from './layout.ts';

const branches = Array.from({ length: 24 }, (_, index) => ({
  id: `l${index + 1}`,
  from: index % 6 === 5 ? 'b0' : `b${index}`,
  to: `b${index + 1}`,
  closed: true,
}));

test('a feeder is laid out across on a wide screen, down on a narrow one, with every bus inside', () => {
  const layout = layoutFeeder(['b0'], branches, 'b0');
  for (const [room, across] of [
    [1392, true],
    [358, false],
  ] as const) {
    const geometry = geometryOf(layout, room);
    assert.equal(geometry.across, across);
    for (const node of layout.nodes) {
      const { x, y } = geometry.at(node);
      assert.ok(x >= 0 && x <= geometry.width && y >= 0 && y <= geometry.height, `${node.id} at ${x}, ${y}`);
      const parent = layout.byId.get(node.parent ?? '');
      if (parent === undefined) continue;
      const [from, to] = [geometry.at(parent), geometry.at(node)];
      assert.ok(across ? to.x > from.x : to.y > from.y, 'away from the head');
      assert.match(geometry.branchPath(node, parent), /^M[\d.]+ [\d.]+[LHV]/);
    }
  }
});

test('bus names are shortened as far as they stay unique', () => {
  const ids = ['owd-bb', 'owd-1-b18', 'owd-1-b1', 'owd-1-b181', 'mill-lane'];
  const found = (text: string) => findBus(ids, text, 'owd-1');
  assert.deepEqual(['1', 'Bus 18', 'owd-1-b18', '181', 'MILL', 'lane', 'busbar', '', '  ', 'nowhere'].map(found), [
    'owd-1-b1',
    'owd-1-b18',
    'owd-1-b18',
    'owd-1-b181',
    'mill-lane',
    'mill-lane',
    'owd-bb',
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(shortName('owd-1-b18', 'owd-1'), '18');
  assert.equal(shortName('owd-bb', 'owd-1'), 'busbar');
  assert.equal(shortName('whf-1-b3', 'owd-1'), 'whf-1-b3');
  assert.equal(shortName('owd-1-l17', 'owd-1'), 'l17');
});

test('the shade of an error is cut at the end of its gauge', () => {
  assert.deepEqual(shadeOf(0, 2, 23), { y: -4, height: 8 });
  assert.deepEqual(shadeOf(20, 30, 23), { y: -23, height: 46 });
  assert.deepEqual(shadeOf(-20, 5, 23), { y: -23, height: 13 });
  assert.equal(shadeOf(5, 0, 23).height, 0);
});
