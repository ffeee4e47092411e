import { test } from 'node:test';
import { actAtTheDesk } from './testing/acting-walk.ts';
import { withDemo } from './testing/running-demo.ts';

/** One to act at, and the two whose meters lie: their alarms stand for as long as the demo runs. */
const SUBSTATIONS = ['owd', 'wls', 'hfdp'];

test('operators act at the desk of a running region, and its gateways follow', async () => {
  await withDemo({ substations: SUBSTATIONS }, actAtTheDesk);
});
