import type { HealthReport } from '../../../shared/contracts/report.ts';
import type { EventView } from '../../../shared/contracts/view.ts';
import { eventSays } from '../../../shared/sentences/event-forms.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
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

/** A gateway's report that a plan has reached a stage. */
export const planStage = (id: string, stage: 'applied' | 'verified'): Pick<EventView, 'code' | 'text'> => ({
  code: `plan.${stage}`,
  text: formatMessage('any', 'plan {id} ({epoch}, {sequence}) is {stage}', { id, epoch: 3, sequence: 117, stage }),
});

export function pastEvents(): Omit<EventView, 'id'>[] {
  const base = { device: null, subject: null, active: null } as const;
  const quiet = Array.from({ length: 70 }, (_, index): Omit<EventView, 'id'> => {
    const site = SITES[index % SITES.length]!;
    return {
      ...base,
      time: START - (80 - index) * 400_000,
      source: `${site.id}-01`,
      kind: index % 3 === 0 ? 'event' : 'outcome',
      severity: 'info',
      ...(index % 3 === 0
        ? eventSays('gateway.rung', 'the gateway goes from {from} to {to}', { from: 'own-plan', to: 'plan' })
        : planStage(`pl_${site.id}_${100 + index}`, 'verified')),
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
      ...eventSays(
        'LS-METER-001',
        'the meter of {device} reads nothing while load flows: the sum of its feeders stands in',
        { device: 'transformer' },
      ),
      device: 'transformer',
      active: true,
    },
    {
      ...base,
      time: START - 3_000_000,
      source: 'hfdp-01',
      kind: 'alarm',
      severity: 'low',
      ...eventSays('LS-METER-002', 'the meter of {device} counts with the wrong sign: the guard turns it', {
        device: 'transformer',
      }),
      device: 'transformer',
      active: true,
    },
    {
      ...base,
      time: START - 1_620_000,
      source: 'mnzl-01',
      kind: 'alarm',
      severity: 'medium',
      ...eventSays('LS-GATEWAY-001', 'Gateway {gateway} is lost; it goes on by its plan, then by itself.', {
        gateway: 'mnzl-01',
      }),
      active: true,
    },
    {
      ...base,
      time: START - 900_000,
      source: 'owd-01',
      kind: 'alarm',
      severity: 'low',
      ...eventSays('LS-CONTROL-003', '{device} does not answer; it counts at its worst until it is back', {
        device: 'pv-3',
      }),
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
      text: formatMessage('any', '{gateway} refused {type} {id}: {detail}', {
        gateway: 'wew-01',
        type: 'plan',
        id: 'pl_wew_116',
        detail: formatMessage('LS-DOC-002', '({epoch}, {sequence}) after ({lastEpoch}, {lastSequence})', {
          epoch: 3,
          sequence: 116,
          lastEpoch: 3,
          lastSequence: 117,
        }),
      }),
      subject: 'pl_wew_116',
    },
    {
      ...base,
      time: START - 140_000,
      source: 'lls-01',
      kind: 'alarm',
      severity: 'high',
      ...eventSays('LS-CONTROL-004', '{element} at {value} {unit} is past its limit of {bound}, and {why}', {
        element: 'transformer',
        value: -6210,
        bound: -6000,
        unit: 'kW',
        why: 'no device can relieve it further',
        others: 0,
      }),
      device: 'transformer',
      active: true,
    },
  ];
}
