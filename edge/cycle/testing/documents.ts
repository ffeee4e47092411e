import type {
  CommandBody,
  CommandDocument,
  PlanDocument,
  SettingsDocument,
} from '../../../shared/contracts/document.ts';
import type { DevicePlan, PlanBody } from '../../../shared/contracts/plan.ts';

interface Head {
  readonly epoch?: number;
  readonly sequence?: number;
  readonly validFrom?: number;
  readonly validUntil?: number;
}

const header = (time: number, { epoch = 1, sequence = 1, validFrom = time, validUntil = time + 3_600_000 }: Head) => ({
  version: 1 as const,
  gateway: 'owd-01',
  epoch,
  sequence,
  issuedAt: time,
  acceptUntil: time + 600_000,
  validFrom,
  validUntil,
});

/** A plan of four steps of 15 min for the test gateway. */
export function planDocument(time: number, body: Partial<PlanBody> = {}, head: Head = {}): PlanDocument {
  return {
    type: 'plan',
    ...header(time, head),
    body: {
      id: 'plan-1',
      substation: 'owd',
      trigger: 'schedule',
      status: 'optimal',
      horizon: { start: time, stepsS: [900, 900, 900, 900] },
      devices: [],
      expected: [],
      watched: [],
      assumptions: { topologyVersion: 3, devices: [], heads: [], substitutions: [] },
      binding: [],
      cost: { totalEur: 0, doNothingEur: 0, lossesEur: 0, interventionEur: 0, violationEur: 0 },
      verified: { maxVoltageViolationPu: 0, maxLoadingPct: 50, worstElement: 'none' },
      solveMs: 1,
      ...body,
    },
  };
}

export const commandDocument = (time: number, body: Partial<CommandBody>, sequence = 1): CommandDocument => ({
  type: 'command',
  ...header(time, { sequence }),
  body: {
    id: `command-${sequence}`,
    kind: 'override',
    reason: 'test',
    user: 'anna',
    expiresAt: time + 600_000,
    ...body,
  },
});

export const settingsDocument = (
  time: number,
  body: SettingsDocument['body'],
  sequence = 1,
  epoch = 1,
): SettingsDocument => ({
  type: 'settings',
  ...header(time, { epoch, sequence }),
  body,
});

/** A battery's part of a plan: its power in each step, kW. */
export const batteryPlan = (kw: number[]): DevicePlan => ({
  device: 'battery-1',
  activePowerKw: kw,
  reasons: [
    {
      fromStep: 0,
      toStep: 3,
      constraint: 'peak',
      element: 'transformer',
      shadowPrice: 1,
      shadowPriceUnit: 'EUR/kW',
      text: 'shaves the evening peak',
    },
  ],
});
