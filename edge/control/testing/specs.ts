import type { DeviceSpec } from '../model.ts';

/** Device specs for tests. */
export const batterySpec = (more: Partial<DeviceSpec> = {}): DeviceSpec => ({
  id: 'battery-1',
  type: 'battery',
  feeder: 'feeder-1',
  authority: 'direct',
  lever: 'power',
  rating: { minKw: -100, maxKw: 100 },
  contract: { minKw: -Infinity, maxKw: Infinity },
  floorKw: 0,
  maxReactiveKvar: 50,
  apparentKva: 110,
  battery: { socMinPct: 10, socMaxPct: 95, capacityKwh: 200, efficiency: 0.95 },
  rampKwPerS: Infinity,
  run: null,
  safeKw: 0,
  safeVoltagePu: null,
  takesVoltageTarget: false,
  capacitorSteps: 0,
  safeStep: null,
  voltageBand: [0.9, 1.1],
  ...more,
});

export const pvSpec = (more: Partial<DeviceSpec> = {}): DeviceSpec =>
  batterySpec({
    id: 'pv-1',
    type: 'pv-inverter',
    authority: 'limit',
    lever: 'export-limit',
    rating: { minKw: -250, maxKw: 0 },
    maxReactiveKvar: 0,
    apparentKva: 275,
    battery: null,
    safeKw: -100,
    ...more,
  });

export const evSpec = (more: Partial<DeviceSpec> = {}): DeviceSpec =>
  batterySpec({
    id: 'ev-1',
    type: 'ev-site',
    feeder: 'feeder-2',
    authority: 'guard',
    lever: 'import-limit',
    rating: { minKw: 0, maxKw: 88 },
    floorKw: 17,
    maxReactiveKvar: 0,
    apparentKva: null,
    battery: null,
    safeKw: 17,
    ...more,
  });
