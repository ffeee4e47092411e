import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { meteredRegion, PART_TOKEN, plannerFixture } from '../testing/planner-fixture.ts';

const metered = meteredRegion();
const region = {
  ...metered,
  substations: metered.substations.map((each) => ({
    ...each,
    network: { ...each.network, buses: each.network.buses.map((bus, index) => ({ ...bus, x: index, y: 0 })) },
  })),
};
const rig = await plannerFixture({ region });
after(() => rig.close());
await rig.live(1);
const items = (collection: string, query = '') => rig.get(`/v1/ogc/collections/${collection}/items${query}`);

test('a GIS client navigates from the landing page to the features', async () => {
  const landing = (await rig.get('/v1/ogc')).json();
  const href = (rel: string, links: { rel: string; href: string }[]) => links.find((link) => link.rel === rel)!.href;
  const path = (url: string) => new URL(url).pathname;
  assert.ok((await rig.get(path(href('conformance', landing.links)))).json().conformsTo.length >= 2);
  const { collections } = (await rig.get(path(href('data', landing.links)))).json();
  assert.deepEqual(
    collections.map(({ id }: { id: string }) => id),
    ['substations', 'feeders', 'branches'],
  );
  assert.deepEqual(collections[0].extent.spatial.bbox, [[5, 52.7, 5, 53]]);
  for (const { links } of collections) {
    const answer = await rig.get(path(href('items', links)));
    assert.equal(answer.headers['content-type'], 'application/geo+json; charset=utf-8');
    const { features, numberMatched, numberReturned } = answer.json();
    assert.equal(features.length, 2);
    assert.deepEqual([numberMatched, numberReturned], [2, 2]);
  }
});

test('features carry geometry, limits and the forecast peak', async () => {
  const [owd] = (await items('substations')).json().features;
  assert.deepEqual(owd.geometry, { type: 'Point', coordinates: [5, 53] });
  const newest = (await rig.get('/v1/substations/owd/forecast')).json();
  assert.equal(owd.properties.peakP50Kw, newest.peak.import.quantile_P50);
  assert.equal(owd.properties.peakAt, newest.peak.import.at);
  const [branch] = (await items('branches')).json().features;
  assert.equal(branch.geometry.type, 'LineString');
  assert.equal(branch.properties.position, 'schematic');
  assert.equal(branch.properties.ratedKva, 4000);
  assert.equal((await rig.get('/v1/ogc/collections/branches/items/owd-1-l1')).json().id, 'owd-1-l1');
  assert.equal((await rig.get('/v1/ogc/collections/branches/items/nowhere')).statusCode, 404);
});

test('an unknown collection answers 404 on all of its paths', async () => {
  for (const path of ['', '/items', '/items/owd', '/items?limit=5']) {
    const answer = await rig.get(`/v1/ogc/collections/buildings${path}`);
    assert.deepEqual([answer.statusCode, answer.json().code], [404, 'LS-API-004'], path);
    assert.equal(answer.json().errors[0].pointer, '/params/collection');
    assert.match(answer.json().detail, /substations, feeders, branches/);
  }
});

test('features are filtered by bbox and datetime, in pages', async () => {
  const ids = async (query: string) =>
    (await items('substations', query)).json().features.map(({ id }: { id: string }) => id);
  assert.deepEqual(await ids('?bbox=4,52.9,6,54'), ['owd']);
  assert.deepEqual(await ids('?bbox=4,52.9,0,6,54,100'), ['owd']);
  assert.deepEqual(await ids('?bbox=100,52,101,54'), []);
  assert.deepEqual(await ids('?bbox=170,50,6,54'), ['owd', 'whf']);
  assert.deepEqual(await ids('?datetime=2021-09-25T00:00:00Z/..'), ['owd', 'whf']);
  for (const bad of ['?bbox=1,2,3', '?bbox=1,9,3,4', '?datetime=yesterday', '?limit=0'])
    assert.equal((await items('substations', bad)).statusCode, 400, bad);
  const first = (await items('substations', '?limit=1')).json();
  const next = new URL(first.links.find(({ rel }: { rel: string }) => rel === 'next').href);
  const second = (await rig.get(`${next.pathname}${next.search}`)).json();
  assert.deepEqual([first.features[0].id, second.features[0].id], ['owd', 'whf']);
  assert.equal(
    second.links.find(({ rel }: { rel: string }) => rel === 'next'),
    undefined,
  );
});

test('a client that pages by offset reads all features, and the links continue by offset', async () => {
  const page = async (query: string) => (await items('substations', query)).json();
  const [first, second, behind] = [
    await page('?limit=1&offset=0'),
    await page('?limit=1&offset=1'),
    await page('?limit=1&offset=2'),
  ];
  assert.deepEqual(
    [first, second, behind].map(({ features, numberMatched }) => [features[0]?.id, numberMatched]),
    [
      ['owd', 2],
      ['whf', 2],
      [undefined, 2],
    ],
  );
  const next = new URL(first.links.find(({ rel }: { rel: string }) => rel === 'next').href);
  assert.equal(next.search, '?limit=1&offset=1');
  assert.equal((await items('substations', '?offset=-1')).statusCode, 400);
});

test('a reader of one part sees only the features of that part', async () => {
  for (const collection of ['substations', 'feeders', 'branches']) {
    const { body } = await rig.ask('GET', `/v1/ogc/collections/${collection}/items`, { token: PART_TOKEN });
    assert.match(body, /owd/);
    assert.doesNotMatch(body, /whf/);
  }
  const { body } = await rig.ask('GET', '/v1/ogc/collections', { token: PART_TOKEN });
  assert.match(body, /\[5,53,5,53\]/);
});

test('resource lists come as GeoJSON too, by format or Accept, page by page', async () => {
  const first = await rig.get('/v1/substations?format=geojson&limit=1');
  assert.equal(first.headers['content-type'], 'application/geo+json; charset=utf-8');
  const { type, features, nextCursor } = first.json();
  assert.equal(type, 'FeatureCollection');
  assert.deepEqual(features, (await items('substations')).json().features.slice(0, 1));
  const second = (await rig.get(`/v1/substations?format=geojson&limit=1&cursor=${nextCursor}`)).json();
  assert.deepEqual([second.features[0].id, second.nextCursor], ['whf', null]);
  const feeders = await rig.get('/v1/feeders', { accept: 'application/geo+json' });
  assert.deepEqual(
    feeders.json().features.map(({ geometry }: { geometry: { type: string } }) => geometry.type),
    ['MultiLineString', 'MultiLineString'],
  );
  const [whole] = (await rig.get('/v1/regions?format=geojson')).json().features;
  assert.equal(whole.geometry, null);
  assert.equal(whole.properties.target, `region:${rig.region.id}`);
  const plain = await rig.get('/v1/substations', { accept: 'application/json, application/geo+json' });
  assert.equal(plain.json().items.length, 2);
});
