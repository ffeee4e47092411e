import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FEED_IN_KW, MINIMAL, walkToFirstPoint } from './testing/first-point.ts';
import { debianHindrance, makeDebian } from './testing/fresh-debian.ts';
import { hindrance } from './testing/own-machine.ts';

test('the commands of the guide, typed into a fresh Debian, store the first value of a third-party device', async (t) => {
  const why = debianHindrance() ?? hindrance();
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ls-fresh-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  makeDebian(join(folder, 'debian'), MINIMAL);
  const { activePowerKw, transcript, minutes } = await walkToFirstPoint(join(folder, 'debian'));
  t.diagnostic(`${transcript}${minutes.toFixed(1)} minutes`);
  assert.equal(activePowerKw, FEED_IN_KW);
});
