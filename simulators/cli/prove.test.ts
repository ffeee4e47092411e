import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportName } from './prove.ts';

test('a report of some runs does not replace that of the whole tier', () => {
  assert.equal(reportName({ tier: 'night' }), 'night.html');
  assert.equal(reportName({ tier: 'night', seeds: '7', arms: 'F' }), 'night-7-F.html');
  assert.equal(reportName({ tier: 'night', seeds: '1-3', arms: 'A,F-' }), 'night-1-3-A-F-.html');
  assert.equal(reportName({ tier: 'quick', scenario: 'storm-0a1b2c3d' }), 'quick-storm-0a1b2c3d.html');
});
