import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { initialState, type ControlState } from '../control/state.ts';
import { persistedBar } from './persisted-bar.ts';

test('a tag or stop in the saved state bars a test while no gateway runs', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const barWith = (json: string | Partial<ControlState>): string | undefined => {
    const control = { ...initialState('automatic', 0), ...(typeof json === 'string' ? {} : json) };
    const text = typeof json === 'string' ? json : JSON.stringify({ version: 1, control, outcomes: [] });
    writeFileSync(join(folder, 'state.json'), text);
    return persistedBar(folder, 'battery-1');
  };
  assert.equal(persistedBar(folder, 'battery-1'), undefined, 'no gateway has run here');
  assert.equal(barWith({ tagged: ['pv-1'], stopped: { gateway: false, devices: ['pv-1'] } }), undefined);
  assert.match(barWith({ tagged: ['battery-1'] })!, /^it is tagged/);
  assert.match(barWith({ stopped: { gateway: false, devices: ['battery-1'] } })!, /^it is stopped/);
  assert.match(barWith({ stopped: { gateway: true, devices: [] } })!, /^it is stopped/);
  assert.match(barWith('{')!, /cannot read .*start the gateway first/);
});
