import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, nat, property } from 'fast-check';
import { layoutFeeder, neighbour, type Layout, type LayoutBranch } from './layout.ts';

/** Baran and Wu's feeder of 33 buses with its five open ties. */
function case33bw(): LayoutBranch[] {
  const starts: Record<number, number> = { 2: 1, 19: 2, 23: 3, 26: 6 };
  const lines = Array.from({ length: 32 }, (_, index) => index + 2).map((to) => ({
    id: `l${to - 1}`,
    from: `b${starts[to] ?? to - 1}`,
    to: `b${to}`,
    closed: true,
  }));
  const ties = [
    [21, 8],
    [9, 15],
    [12, 22],
    [18, 33],
    [25, 29],
  ].map(([from, to], index) => ({ id: `l${33 + index}`, from: `b${from}`, to: `b${to}`, closed: false }));
  return [...lines, ...ties];
}

const busesOf = (branches: readonly LayoutBranch[]): string[] => [
  ...new Set(branches.flatMap(({ from, to }) => [from, to])),
];

/**
 * Checks that no spot is taken twice, children are right behind their parent, and no connector crosses a branch in a lane that it passes.
 */
function checkNoOverlap({ nodes, byId }: Layout): void {
  const spots = new Set(nodes.map(({ column, lane }) => `${column} ${lane}`));
  assert.equal(spots.size, nodes.length, 'two buses on one spot');
  for (const node of nodes) {
    if (node.parent === null) continue;
    const parent = byId.get(node.parent)!;
    assert.equal(node.column, parent.column + 1);
    const [low, high] = [Math.min(node.lane, parent.lane), Math.max(node.lane, parent.lane)];
    const crossed = nodes.find(
      (each) =>
        each.lane > low &&
        each.lane < high &&
        each.column === node.column &&
        byId.get(each.parent ?? '')?.lane === each.lane,
    );
    assert.equal(crossed, undefined, `the way to ${node.id} crosses the one to ${crossed?.id}`);
  }
}

test('the feeder of 33 buses is laid out in three lanes of eighteen columns', () => {
  const branches = case33bw();
  const layout = layoutFeeder(busesOf(branches), branches);
  assert.deepEqual([layout.columns, layout.lanes, layout.trunkLane], [18, 3, 1]);
  assert.equal(layout.nodes[0]!.id, 'b1');
  const lane = (bus: string): number => layout.byId.get(bus)!.lane;
  for (let bus = 1; bus <= 18; bus++) assert.equal(lane(`b${bus}`), 1, `b${bus} is on the trunk`);
  assert.notEqual(lane('b23'), lane('b1'));
  assert.deepEqual(
    layout.extra.map(({ id }) => id),
    ['l33', 'l34', 'l35', 'l36', 'l37'],
  );
  checkNoOverlap(layout);
});

test('an opened switch leaves an island, drawn and marked as unfed', () => {
  const branches = case33bw().map((branch) => (branch.id === 'l25' ? { ...branch, closed: false } : branch));
  const layout = layoutFeeder(busesOf(branches), branches);
  assert.equal(layout.byId.get('b26')!.fed, false);
  assert.equal(layout.byId.get('b33')!.fed, false);
  assert.equal(layout.byId.get('b6')!.fed, true);
  checkNoOverlap(layout);
  const moved = branches.map((branch) => (branch.id === 'l37' ? { ...branch, closed: true } : branch));
  assert.equal(layoutFeeder(busesOf(moved), moved).byId.get('b26')!.fed, true);
});

test('a closed ring is drawn as a tree with one more branch', () => {
  const branches = case33bw().map((branch) => (branch.id === 'l33' ? { ...branch, closed: true } : branch));
  const layout = layoutFeeder(busesOf(branches), branches);
  assert.equal(layout.nodes.length, 33);
  assert.equal(layout.extra.length, 5);
});

test('arrow keys move along the feeder and across lanes', () => {
  const branches = case33bw();
  const layout = layoutFeeder(busesOf(branches), branches);
  assert.equal(neighbour(layout, 'b6', 'out'), 'b7');
  assert.equal(neighbour(layout, 'b26', 'in'), 'b6');
  assert.equal(neighbour(layout, 'b18', 'out'), null);
  const across = neighbour(layout, 'b28', layout.byId.get('b28')!.lane > 1 ? 'lower' : 'higher');
  assert.equal(across, 'b9');
});

test('property: in any tree of up to 500 buses each has its own spot, children right behind their parent', () => {
  check(
    property(array(nat(), { minLength: 1, maxLength: 500 }), (parents) => {
      const branches = parents.map((parent, index) => ({
        id: `l${index}`,
        from: `b${parent % (index + 1)}`,
        to: `b${index + 1}`,
        closed: true,
      }));
      const layout = layoutFeeder(busesOf(branches), branches, 'b0');
      assert.equal(layout.nodes.length, parents.length + 1);
      checkNoOverlap(layout);
    }),
    {
      numRuns: 200,
      examples: [
        // A connector inside a lateral was once placed across an earlier branch.
        [[0, 44948869, 22, 0, 2, 8, 1534433287, 2010940945, 649853022, 4]],
      ],
    },
  );
});

test('an empty feeder and a lone bus are laid out', () => {
  assert.equal(layoutFeeder([], []).nodes.length, 0);
  assert.deepEqual(layoutFeeder(['b1'], []).columns, 1);
});
