import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regionFaults } from './check.ts';
import { composeRegion } from './compose.ts';
import { draftPlan } from './draft.ts';
import { impossible, possible, twoIslands } from './testing/two-islands.ts';

test('each substation is cut to its own island', () => {
  const { region, notes } = composeRegion(possible.plan, possible.parts);
  assert.deepEqual(regionFaults(region), []);
  const [east, west] = region.substations;
  assert.deepEqual(
    [east, west].map((each) => each!.network.buses.map(({ id }) => id)),
    [
      ['hv', 'east', 'a1', 'a2', 'b1', 'b2'],
      ['hv', 'west', 'c1', 'c2'],
    ],
  );
  assert.deepEqual(
    east!.network.lines.map(({ id }) => id),
    ['l-a1', 'l-a2', 'l-b1', 'l-b2', 'tie-own'],
    'the open tie to the other island is not part of this one',
  );
  assert.deepEqual(
    west!.network.loads.map(({ bus }) => bus),
    ['c1', 'c2'],
  );
  assert.match(notes.join('\n'), /east: left out 3 buses of the network that are not behind t-east/);
});

for (const [what, { plan, parts, says }] of Object.entries(impossible))
  test(`refused with its key: ${what}`, () => {
    assert.throws(() => {
      const { region } = composeRegion(plan, parts);
      assert.deepEqual(regionFaults(region), []);
    }, says);
  });

test('a draft takes the group as region, its own lines as heads and a transformer not yet taken', () => {
  const [east, west] = possible.parts.map(({ gateway }) => gateway);
  const draft = { network: twoIslands, networkPath: 'net.json' };
  const first = draftPlan({ ...draft, gateway: east!, gatewayPath: 'east.yaml' });
  assert.match(first, /^id: north$/m);
  assert.match(first, /transformer: t-east\n.*\n.*feeder-1\n +headBranch: l-a1\n.*feeder-2\n +headBranch: l-b1\n/);
  const both = draftPlan({ ...draft, gateway: west!, gatewayPath: 'west.yaml', beside: `# mine\n${first}` });
  assert.match(both, /# mine/);
  assert.match(both, /transformer: t-west\n.*\n.*feeder-1\n +headBranch: l-c1\n/);
  assert.throws(
    () => draftPlan({ ...draft, gateway: west!, gatewayPath: 'west.yaml', beside: both }),
    /every transformer already belongs to a substation: t-east, t-west/,
  );
});

test('a draft has paths relative to the plan, matches known paths by any spelling and has one header', () => {
  const [east, west] = possible.parts.map(({ gateway }) => gateway);
  const draft = { network: twoIslands, networkPath: 'grids/net.json', folder: 'plans' };
  const first = draftPlan({ ...draft, gateway: east!, gatewayPath: 'plans/east.yaml' });
  assert.match(first, /network: \.\.\/grids\/net\.json\n +gateway: east\.yaml\n/);
  const spelt = first.replace('../grids/net.json', './../grids/./net.json');
  const both = draftPlan({ ...draft, gateway: west!, gatewayPath: '/etc/west.yaml', beside: spelt });
  assert.match(both, /transformer: t-east\n(.*\n)*.*transformer: t-west\n/);
  assert.match(both, /gateway: \/etc\/west\.yaml\n/);
  assert.equal(both.match(/# A draft/g)?.length, 1);
  assert.match(
    draftPlan({ ...draft, gateway: west!, gatewayPath: 'west.yaml', beside: 'substations: []\n' }),
    /^# A draft/,
  );
});
