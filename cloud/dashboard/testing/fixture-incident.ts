import type { IncidentView } from '../../../shared/contracts/incident.ts';
import { START } from './fixture-sites.ts';

/** An open incident: a spike that exceeded its transformer's limit and was relieved. */
export function fixtureIncident(): IncidentView {
  const at = (seconds: number): number => START - 300_000 + 1000 * seconds;
  const limit = { element: 'transformer', unit: 'kW', bound: 7000 } as const;
  return {
    id: 7,
    kind: 'spike',
    substation: 'owd',
    gateway: 'owd-01',
    feeder: 'owd-1',
    startedAt: at(0),
    endedAt: null,
    unheardSince: null,
    jump: { beforeKw: 1130, peakKw: 2120, peakAt: at(1), limitKw: 3000, endedAt: null },
    limit: { ...limit, worst: 7757, passedAt: at(1), backAt: at(20) },
    reliefs: [
      { device: 'battery-1', kw: 500, energyKwh: 13.7, costEur: 0.27, since: at(1), until: null },
      { device: 'battery-3', kw: 110, energyKwh: 0.2, costEur: null, since: at(59), until: at(65) },
    ],
    entries: [
      { at: at(0), code: 'spike.began', by: null, parameters: { feeder: 'owd-1', beforeKw: 1130, kw: 2060 } },
      { at: at(1), code: 'limit.passed', by: 'guard', parameters: { ...limit, value: 7757, devices: ['battery-1'] } },
      { at: at(1), code: 'relief.began', by: 'guard', parameters: { device: 'battery-1', kw: 500 } },
      { at: at(20), code: 'limit.back', by: null, parameters: limit },
      { at: at(65), code: 'plan.made', by: 'cloud', parameters: { plan: 'pl-1', trigger: 'spike' } },
      { at: at(66), code: 'plan.applied', by: 'owd-01', parameters: { plan: 'pl-1' } },
      { at: at(70), code: 'alarm.raised', by: null, parameters: { alarm: 1, alarmCode: 'LS-CONTROL-004' } },
    ],
  };
}
