import type { HealthReport } from '../../../shared/contracts/report.ts';
import type { EventView } from '../../../shared/contracts/view.ts';
import { DER, FLEX, SITES, START } from './fixture-sites.ts';
import { HOUR_MS } from './fixture-grid.ts';

export function health(id: string, time: number, index: number): HealthReport {
  const behind = id === 'whf';
  return {
    version: 1,
    time,
    software: '0.1.0',
    mode: 'automatic',
    stopped: false,
    rung: id === 'mnzl' ? 'own-plan' : 'plan',
    cycle: { periodMs: 250, count: 481_220 + index, overruns: id === 'lls' ? 12 : 0, lateP99Ms: 2.1 + index * 0.4 },
    guard: {
      active: id === 'lls',
      reliefKw: id === 'lls' ? 184 : 0,
      element: id === 'lls' ? 'transformer' : null,
      since: id === 'lls' ? time - 140_000 : null,
    },
    journal: {
      backlogFrames: behind ? Math.max(0, 12_400 - Math.floor((time - START) / 40)) : 0,
      backlogOldest: behind ? time - 900_000 : null,
      bytes: 214_000_000,
      droppedFrames: 0,
      lostFrames: 0,
      writable: true,
    },
    dataBudget: {
      month: '2021-09',
      usedMb: 212,
      mbPerMonth: 500,
      thinning: 1,
      uses: [
        { kind: 'measurements', mb: 140 },
        { kind: 'health', mb: 60 },
        { kind: 'line', mb: 12 },
      ],
    },
    plan: { id: `pl_${id}_117`, epoch: 3, sequence: 117, validUntil: time + 2 * HOUR_MS, inForce: true },
    model: {
      id: `mdl_${id}_17`,
      state: id === 'wew' ? 'set-aside' : 'active',
      inferenceMs: 0.4,
      reason: id === 'wew' ? 'worse than the baseline over 24 h (LS-FORECAST-005)' : null,
    },
    localForecast: { issuedAt: time - 300_000, by: 'onnx', peakKw: 5200, peakAt: time + 6 * HOUR_MS },
    clock: { quality: id === 'wwf' ? 'uncertain' : 'good', offsetMs: id === 'wwf' ? 1840 : 3.2 },
    devices: [...DER, ...FLEX].map((device) => {
      const silent = id === 'owd' && device.id === 'pv-3';
      return {
        device: device.id,
        link: silent ? 'stale' : 'up',
        lastSeen: silent ? time - 900_000 : time,
        source: 'cloud-plan',
        setpointKw: 0,
        wishedKw: 0,
        limitedBy: null,
      };
    }),
  };
}

export function pastEvents(): Omit<EventView, 'id'>[] {
  const base = { device: null, subject: null, active: null } as const;
  const quiet = Array.from({ length: 70 }, (_, index): Omit<EventView, 'id'> => {
    const site = SITES[index % SITES.length]!;
    return {
      ...base,
      time: START - (80 - index) * 400_000,
      source: index % 3 === 0 ? 'cloud' : `${site.id}-01`,
      kind: index % 3 === 0 ? 'event' : 'outcome',
      severity: 'info',
      code: index % 3 === 0 ? 'forecast.issued' : 'plan.verified',
      text:
        index % 3 === 0
          ? `Forecast issued for ${site.name}: P50 peak at 18:15Z.`
          : `Plan pl_${site.id}_${100 + index} verified by readback at all devices.`,
      subject: `pl_${site.id}_${100 + index}`,
    };
  });
  return [
    ...quiet,
    {
      ...base,
      time: START - 4_000_000,
      source: 'wls-01',
      kind: 'alarm',
      severity: 'low',
      code: 'LS-METER-001',
      text: 'Transformer meter of WLS reads nothing: the estimate stands in.',
      device: 'transformer',
      active: true,
    },
    {
      ...base,
      time: START - 3_000_000,
      source: 'hfdp-01',
      kind: 'alarm',
      severity: 'low',
      code: 'LS-METER-002',
      text: 'Transformer meter counts with the wrong sign.',
      device: 'transformer',
      active: true,
    },
    {
      ...base,
      time: START - 1_620_000,
      source: 'mnzl-01',
      kind: 'alarm',
      severity: 'medium',
      code: 'LS-GATEWAY-001',
      text: 'Gateway mnzl-01 is lost; it goes on by its plan, then by itself.',
      active: true,
    },
    {
      ...base,
      time: START - 900_000,
      source: 'owd-01',
      kind: 'alarm',
      severity: 'low',
      code: 'LS-CONTROL-003',
      text: 'Device pv-3 has been silent for twice its interval; counted at its worst.',
      device: 'pv-3',
      active: true,
    },
    {
      ...base,
      time: START - 700_000,
      source: 'cloud',
      kind: 'outcome',
      severity: 'medium',
      code: 'LS-DOC-002',
      text: 'Plan pl_wew_116 refused by wew-01: its sequence is not above the last one accepted.',
      subject: 'pl_wew_116',
    },
    {
      ...base,
      time: START - 140_000,
      source: 'lls-01',
      kind: 'alarm',
      severity: 'high',
      code: 'LS-CONTROL-004',
      text: 'Transformer of LLS feeds in 6 210 kW, limit 6 000 kW: the guard relieves 184 kW.',
      device: 'transformer',
      active: true,
    },
  ];
}
