import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSubstation } from '../plan/testing/fixture.ts';
import { networkBears } from './bears.ts';

test('the fixed tap of a transformer behind the first one stays as it is', () => {
  const substation = testSubstation('owd');
  const { network } = substation;
  const behind = (tapPosition: number): number =>
    networkBears({
      ...substation,
      network: {
        ...network,
        buses: [...network.buses, { id: 'owd-lv', nominalKv: 0.4, feeder: 'owd-2' }],
        transformers: [
          ...network.transformers,
          {
            ...network.transformers[0]!,
            id: 'local',
            from: 'owd-2-b4',
            to: 'owd-lv',
            ratedFromKv: 12.66,
            ratedToKv: 0.4,
            tapPosition,
          },
        ],
      },
    }).exportKw;
  assert.equal(behind(0), 2000);
  assert.ok(behind(-16) < 2000, 'no tap changer lowers its voltage');
});
