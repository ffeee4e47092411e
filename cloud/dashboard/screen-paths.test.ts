import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screenPaths } from './screen-paths.ts';
import { parseRoute } from './web/lib/screen.ts';

test('every screen has a path, and every path a screen', () => {
  const screens = screenPaths();
  assert.equal(screens.size, 27);
  const cases: [string, string, string][] = [
    ['/', 'overview', ''],
    ['/substations/owd', 'substation', 'owd'],
    ['/feeders/owd-1', 'feeder', 'owd-1'],
    ['/forecast/owd-1/', 'forecast', 'owd-1'],
    ['/plan/owd-1', 'plan', 'owd-1'],
    ['/models', 'models', ''],
    ['/models/owd', 'models', 'owd'],
    ['/gateways', 'gateways', ''],
    ['/events', 'events', ''],
    ['/substations', 'none', '/substations'],
    ['/gateways/owd', 'none', '/gateways/owd'],
    ['/feeders/owd-1/more', 'none', '/feeders/owd-1/more'],
    ['/__proto__', 'none', '/__proto__'],
    ['/nowhere', 'none', '/nowhere'],
    ['/feeders/%E0%A4%A', 'none', '/feeders/%E0%A4%A'],
  ];
  for (const [path, screen, id] of cases) assert.deepEqual(parseRoute(path, screens), { screen, id }, path);
});

test('no two screens share the first segment of their path', () => {
  const bases = [...screenPaths().values()].map(({ path }) => path.split('/')[1]);
  assert.equal(new Set(bases).size, bases.length);
});
