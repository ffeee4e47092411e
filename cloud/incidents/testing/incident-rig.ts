import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { IncidentView } from '../../../shared/contracts/incident.ts';
import type { EventView } from '../../../shared/contracts/view.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { buildRegion } from '../../../simulators/region/region.ts';
import { IncidentBook, type AlarmNote } from '../incident-book.ts';
import { SqliteIncidentStore } from '../sqlite-incident-store.ts';

export const T0 = Date.UTC(2021, 8, 25);

export const GATEWAY = 'hfdp-01';

export function rig(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-incidents-'));
  const store = new SqliteIncidentStore(join(folder, 'state.sqlite'));
  store.open();
  t.after(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const clock = new VirtualClock(T0);
  const published: IncidentView[] = [];
  const active = new Set<number>();
  const book = () =>
    new IncidentBook({
      region: buildRegion(['hfdp', 'owd']),
      clock,
      store,
      live: () => undefined,
      isReversed: () => false,
      isActive: (alarm) => active.has(alarm),
      onChange: (incident) => void published.push(incident),
    });
  return { store, clock, published, active, book };
}

export const relief = (time: number, value: number): EventView => ({
  id: 1,
  time,
  source: GATEWAY,
  kind: 'event',
  severity: 'medium',
  code: 'guard.relief',
  text: 'transformer at 7757 kW is past 7200 kW: battery-1:p relieves it',
  device: null,
  subject: 'transformer-power',
  active: null,
  parameters: { element: 'transformer', value, bound: 7200, unit: 'kW', devices: ['battery-1'] },
});

export const dark = (id: number, isActive: boolean, acknowledged: AlarmNote['acknowledged'] = null): AlarmNote => ({
  id,
  source: GATEWAY,
  code: 'LS-FEEDER-001',
  active: isActive,
  text: 'feeder 2 is dark',
  target: 'feeder:hfdp-2',
  raisedAt: T0 + 1000,
  returnedAt: isActive ? null : T0 + 90_000,
  acknowledged,
});

export const released = (time: number): EventView => ({
  id: 2,
  time,
  source: GATEWAY,
  kind: 'event',
  severity: 'info',
  code: 'guard.released',
  text: 'the guard has let go of all devices',
  device: null,
  subject: null,
  active: null,
});
