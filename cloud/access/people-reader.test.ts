import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashed, PeopleReader } from './people-reader.ts';

const anna = { name: 'anna', roles: [], areas: '*', mustChange: false, disabled: false } as const;
const token = {
  id: 'one',
  hash: hashed('secret'),
  user: 'anna',
  label: 'scada',
  scopes: [],
  createdAt: 0,
  usedAt: null,
  expiresAt: 10_000_000,
};

function rig(usedAt: number | null = null) {
  const time = { now: 1_000_000 };
  const asked: string[] = [];
  const accounts = { users: [anna], sessions: [], tokens: [{ ...token, usedAt }], withPasskey: [] };
  const reader = new PeopleReader({
    accounts: () => accounts,
    presence: () => ({}),
    requestsPerSecond: 1,
    now: () => time.now,
    noteUse: (id) => asked.push(id),
  });
  return { time, asked, reader };
}

test('token use is recorded at most once a minute', () => {
  const { time, asked, reader } = rig();
  for (let each = 0; each < 100; each++) reader.callerOfToken('secret');
  assert.equal(asked.length, 1);
  time.now += 60_000;
  reader.callerOfToken('secret');
  assert.equal(asked.length, 2);
});

test('token use is recorded although the last record is in the future, from a clock that ran ahead', () => {
  const { asked, reader } = rig(9_000_000);
  for (let each = 0; each < 100; each++) reader.callerOfToken('secret');
  assert.deepEqual(asked, ['one']);
});
