import { test } from 'node:test';
import { actAtTheDesk } from './testing/acting-walk.ts';
import { withDemo } from './testing/running-demo.ts';

/** One substation to act on, and the two with faulty meters, whose alarms stay active throughout the demo. */
const SUBSTATIONS = ['owd', 'wls', 'hfdp'];

test('operators act at the desk of a running region, and its gateways follow', async () => {
  await withDemo({ substations: SUBSTATIONS, history: false }, actAtTheDesk);
});
