import type { AlarmDeskView, AlarmState, AlarmView } from '../../../shared/contracts/alarm.ts';

/** An alarm as the page receives it. */
export const alarmOf = (id: number, more: Partial<AlarmView> = {}): AlarmView => ({
  id,
  source: 'owd-01',
  code: 'LS-CONTROL-003',
  device: `pv-${id}`,
  subject: null,
  text: 'text',
  priority: 3,
  state: 'unacknowledged',
  active: true,
  raisedAt: 1_632_564_000_000,
  returnedAt: null,
  acknowledged: null,
  shelved: null,
  outOfService: null,
  suppressedBy: null,
  suppresses: 0,
  firstOut: false,
  occurrences: 1,
  respondBy: null,
  target: 'substation:owd',
  control: '/feeders/owd-1',
  ...more,
});

/** The desk with these standing alarms. */
export function deskOf(alarms: readonly AlarmView[]): AlarmDeskView {
  const states: Record<AlarmState, number> = {
    normal: 0,
    unacknowledged: 0,
    acknowledged: 0,
    returned: 0,
    shelved: 0,
    suppressed: 0,
    'out-of-service': 0,
  };
  const standing = { 1: 0, 2: 0, 3: 0 };
  for (const { state, priority } of alarms) {
    states[state]++;
    standing[priority]++;
  }
  return { alarms: [...alarms], states, standing, rate: { inTenMinutes: 0, floodSince: null }, told: 0 };
}
