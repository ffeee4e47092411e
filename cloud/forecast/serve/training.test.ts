import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { RegistryEntry } from '../registry/registry.ts';
import { Training } from './training.ts';

const targets = ['substation:aaa', 'substation:bbb', 'substation:ccc'].map((id) => ({
  id,
  substation: id.slice(-3),
  zone: 'UTC',
  gateway: false,
}));

/** A round in which the training of some targets throws. */
function roundOf(breaking: readonly string[]) {
  const begun: string[] = [];
  const notified: string[] = [];
  const training = new Training({
    clock: new VirtualClock(0),
    registry: { active: async () => ({}) as RegistryEntry },
    workers: 1,
    members: ['ridge'],
    isStopping: () => false,
    trainer: {
      train: async ({ id }) => {
        begun.push(id);
        if (breaking.includes(id)) throw new LoadstoneError('LS-STORE-001', 'a row of it cannot be read');
        return { outcome: { ok: true, value: {} as RegistryEntry }, substitution: null, knownDays: 28 };
      },
    },
    onTarget: async ({ target }) => void notified.push(target),
  });
  return { training, begun, notified };
}

test('a target whose training fails reports why, and later targets are still trained', async () => {
  const { training, begun, notified } = roundOf(['substation:aaa']);
  const reports = await training.run(targets, 'the schedule');
  assert.deepEqual(
    begun,
    targets.map(({ id }) => id),
  );
  assert.deepEqual(notified, ['substation:aaa', 'substation:bbb', 'substation:ccc']);
  const [first, ...others] = reports.map(({ outcome }) => (outcome.ok ? 'trained' : outcome.fault.detail));
  assert.deepEqual([first, ...others], ['a row of it cannot be read', 'trained', 'trained']);
});

test('a round in which no target can be trained fails, so that it is retried', async () => {
  const { training } = roundOf(targets.map(({ id }) => id));
  await assert.rejects(training.run(targets, 'the schedule'), /a row of it cannot be read/);
});
