import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRig } from './testing/rig.ts';

test('one silent meter is told as one, all of them as the site; when the first answers again the site has gone', async () => {
  const rig = await makeRig();
  await rig.run(20);
  const told = (): string[] =>
    rig.uplink
      .of('events')
      .flatMap(({ events }) => events)
      .filter(({ code }) => code === 'LS-METER-003' || code === 'LS-METER-006')
      .map(
        ({ code, device, active }) =>
          `${code}${device === undefined ? '' : ` ${device}`} ${active === true ? 'came' : 'went'}`,
      );
  rig.world['f/p'] = null;
  await rig.run(20);
  assert.deepEqual(told(), ['LS-METER-003 feeder-1 came']);
  Object.assign(rig.world, { 't/p': null, 't/q': null, 't/v': null });
  await rig.run(20);
  assert.ok(told().includes('LS-METER-003 transformer came'));
  assert.ok(told().includes('LS-METER-006 came'));
  Object.assign(rig.world, { 't/p': 300, 't/q': 0, 't/v': 1 });
  await rig.run(20);
  assert.deepEqual(
    told()
      .filter((each) => each.endsWith('went'))
      .toSorted(),
    ['LS-METER-003 transformer went', 'LS-METER-006 went'],
  );
  await rig.gateway.stop();
});
