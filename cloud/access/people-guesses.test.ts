import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { coded, withAnna } from './testing/people-rig.ts';

const at = (n: number) => ({ address: `192.0.2.${n}` });

test('five wrong passwords from an address lock the name there for growing times, whether the user exists or not', async () => {
  for (const name of ['anna', 'nobody']) {
    const { people, time } = await withAnna();
    const guess = (password = 'wrong'): Promise<string> => people.signIn(name, password);
    for (let n = 0; n < 5; n++) await assert.rejects(guess(), coded('LS-API-002'));
    await assert.rejects(guess('four blue lamps'), coded('LS-API-008', /wait 30 s/));
    time.now += 30_000;
    await assert.rejects(guess(), coded('LS-API-002'));
    await assert.rejects(guess(), coded('LS-API-008', /wait 60 s/));
    for (let n = 0; n < 8; n++) {
      time.now += 15 * 60_000;
      await assert.rejects(guess(), coded('LS-API-002'));
    }
    await assert.rejects(guess(), coded('LS-API-008', /wait 900 s/));
    time.now += 15 * 60_000;
    if (name === 'anna') assert.ok(await guess('four blue lamps'));
  }
});

test('guesses from one address do not lock out another address', async () => {
  const { people } = await withAnna();
  for (let n = 0; n < 5; n++) await assert.rejects(people.signIn('anna', 'wrong', at(1)), coded('LS-API-002'));
  await assert.rejects(people.signIn('anna', 'four blue lamps', at(1)), coded('LS-API-008'));
  assert.ok(await people.signIn('anna', 'four blue lamps', at(2)));
  await assert.rejects(
    people.signIn('anna', 'four blue lamps', at(1)),
    coded('LS-API-008'),
    'it is still locked there',
  );
});

test('an IPv6 /64 counts as one address, and an IPv4 address counts the same when mapped to IPv6', async () => {
  const { people } = await withAnna();
  const guess = (address: string) => people.signIn('anna', 'wrong', { address });
  for (let n = 0; n < 5; n++) await assert.rejects(guess(`2001:db8:1:2::${n}`), coded('LS-API-002'));
  await assert.rejects(guess('2001:db8:1:2:ffff::1'), coded('LS-API-008'));
  await assert.rejects(guess('2001:db8:1:3::1'), coded('LS-API-002'));
  await assert.rejects(guess('2001:db8::1'), coded('LS-API-002'));
  for (let n = 0; n < 5; n++) await assert.rejects(guess(`2001:db8::7:0:0:0:${n}`), coded('LS-API-002'));
  await assert.rejects(guess('2001:DB8:0:7::9'), coded('LS-API-008'), ':: stands for one group here');
  for (let n = 0; n < 5; n++) await assert.rejects(guess('::ffff:192.0.2.9'), coded('LS-API-002'));
  await assert.rejects(guess('192.0.2.9'), coded('LS-API-008'));
});

test('guesses from many addresses are throttled, except from a browser where the user has signed in before', async () => {
  const { people, time } = await withAnna();
  const own = { ...at(1), device: 'the browser of anna' };
  await people.signIn('anna', 'four blue lamps', own);
  await people.ensureUser({ name: 'ben', roles: ['operator'], areas: '*' }, 'six grey lamps');
  for (let n = 0; n < 100; n++) await assert.rejects(people.signIn('anna', 'wrong', at(n)), coded('LS-API-002'));
  const next = people.signIn('anna', 'wrong', at(101));
  await assert.rejects(next, coded('LS-API-008', /from many addresses; sign in from a browser .*or wait 30 s/));
  assert.ok(await people.signIn('anna', 'four blue lamps', own));
  assert.ok(await people.signIn('ben', 'six grey lamps', at(101)), 'another name');
  const made = { ...at(102), device: 'a browser of nobody' };
  await assert.rejects(people.signIn('anna', 'four blue lamps', made), coded('LS-API-008'));
  const bens = { ...at(103), device: 'the browser of ben' };
  await people.signIn('ben', 'six grey lamps', bens);
  await assert.rejects(people.signIn('anna', 'four blue lamps', bens), coded('LS-API-008'), 'known for ben alone');
  for (let n = 0; n < 5; n++) await assert.rejects(people.signIn('anna', 'wrong', own), coded('LS-API-002'));
  await assert.rejects(
    people.signIn('anna', 'four blue lamps', own),
    coded('LS-API-008'),
    'a known browser has its own counter',
  );
  time.now += 30_000;
  assert.ok(await people.signIn('anna', 'four blue lamps', at(104)), 'the wait of a new browser is over');
});

test('wrong passwords of a signed-in user throttle password changes, but not sign-in', async () => {
  const { people, session } = await withAnna();
  const change = () => people.changePassword(session, { current: 'no', next: 'five red lamps' });
  for (let n = 0; n < 5; n++) await assert.rejects(change(), coded('LS-API-003'));
  await assert.rejects(change(), coded('LS-API-008'));
  assert.ok(await people.signIn('anna', 'four blue lamps'));
});

test('parallel guesses are all counted', async () => {
  const { people } = await withAnna();
  const answers = await Promise.allSettled(Array.from({ length: 12 }, () => people.signIn('anna', 'wrong')));
  const codes = answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as LoadstoneError).code : 'in'));
  assert.equal(codes.filter((code) => code === 'LS-API-002').length, 5);
  assert.equal(codes.filter((code) => code === 'LS-API-008').length, 7);
});

test('a clock set back by a year does not lock anybody out for a year', async () => {
  const { people, time } = await withAnna();
  time.now += 365 * 24 * 3_600_000;
  for (let i = 0; i < 6; i++) await assert.rejects(people.signIn('anna', 'wrong'));
  await assert.rejects(people.signIn('anna', 'four blue lamps'), coded('LS-API-008'));
  time.now -= 364 * 24 * 3_600_000;
  await assert.rejects(people.signIn('anna', 'wrong'), coded('LS-API-002'));
  await assert.rejects(people.signIn('anna', 'four blue lamps'), coded('LS-API-008', /wait \d{2,3} s/));
  time.now += 15 * 60_000;
  assert.ok(await people.signIn('anna', 'four blue lamps'));
});

test('guesses at invented names delay neither a known browser nor another network', async () => {
  const { people, session } = await withAnna();
  const known = { ...at(1), device: 'the browser of anna' };
  await people.signIn('anna', 'four blue lamps', known);
  const done: string[] = [];
  const noted = (who: string, signIn: Promise<string>): Promise<void> =>
    signIn.then(
      () => void done.push(who),
      ({ code }: LoadstoneError) => void done.push(code),
    );
  const guesses = Array.from({ length: 80 }, (_, n) =>
    noted('guess', people.signIn(`invented-${n}`, 'wrong', at(10 + (n % 4)))),
  );
  const change = people.changePassword(session, { current: 'no', next: 'five red lamps' });
  await Promise.all([
    ...guesses,
    noted('new browser', people.signIn('anna', 'four blue lamps', at(2))),
    noted('known browser', people.signIn('anna', 'four blue lamps', known)),
    assert.rejects(change, coded('LS-API-003')),
  ]);
  assert.equal(done.filter((each) => each === 'LS-API-002').length, 40, 'ten guesses from each of four addresses');
  assert.ok(done.includes('new browser'));
  const checked = done.filter((each) => each !== 'LS-API-008');
  assert.ok(checked.indexOf('known browser') <= 2, 'only what runs already goes before it');
});
