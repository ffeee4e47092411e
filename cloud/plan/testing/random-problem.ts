import * as fc from 'fast-check';
import type { Network } from '../../../shared/grid/network.ts';
import type { ConnectionPoint, DispatchDevice, DispatchProblem, EvSession } from '../problem/problem.ts';
import { batteryAt, evenLoad, pvPlant } from './small-feeder.ts';

const STEPS = 2;
const double = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const perStep = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(double(min, max), { minLength: STEPS, maxLength: STEPS });

/** Trees of 12.66 kV with ratings and bands. */
const network: fc.Arbitrary<Network> = fc
  .array(
    fc.record({
      parent: fc.nat(),
      rOhm: double(0.1, 0.9),
      xOhm: double(0.1, 0.9),
      ratedKva: fc.constantFrom(800, 1500, 3000, 5000),
    }),
    { minLength: 3, maxLength: 16 },
  )
  .map((items) => ({
    format: 'loadstone-grid',
    version: 1,
    id: 'random',
    name: 'random',
    baseMva: 10,
    topologyVersion: 1,
    buses: [
      { id: 'b0', nominalKv: 12.66 },
      ...items.map((_, at) => ({ id: `b${at + 1}`, nominalKv: 12.66, vMinPu: 0.94, vMaxPu: 1.06 })),
    ],
    lines: items.map(({ parent, ...line }, at) => ({
      id: `l${at + 1}`,
      // Half of them hang on the previous bus, so that feeders become long.
      from: `b${parent % 2 === 0 ? at : parent % (at + 1)}`,
      to: `b${at + 1}`,
      ...line,
    })),
    transformers: [],
    sources: [{ id: 's', bus: 'b0', voltagePu: 1.01 }],
    loads: [],
    shunts: [],
    feeders: [{ id: 'f', name: 'f', headBranch: 'l1', headBus: 'b1' }],
  }));

/** The sessions need not fit the wished power. */
const cars: fc.Arbitrary<Omit<EvSession, 'id'>[]> = fc.array(
  fc.record({
    energyKwh: fc.oneof(double(1, 300), fc.constant(Infinity)),
    lastStep: fc.integer({ min: -1, max: STEPS - 1 }),
    maxKw: double(5, 300),
    minKw: double(0, 5),
  }),
  { maxLength: 3 },
);

const device: fc.Arbitrary<{ readonly bus: number; readonly make: (id: string, bus: string) => DispatchDevice }> =
  fc.oneof(
    fc
      .record({ bus: fc.nat(), kw: perStep(0, 1500), more: double(1, 1.6), kvar: double(0, 600) })
      .map(({ bus, kw, more, kvar }) => ({
        bus,
        make: (id: string, at: string): DispatchDevice => ({
          ...(pvPlant(at, kw, kvar) as Extract<DispatchDevice, { kind: 'pv' }>),
          id,
          availableHighKw: kw.map((one) => one * more),
          availableLowKw: kw.map((one) => one / more),
          apparentPowerKva: 1.1 * Math.max(...kw) * more,
        }),
      })),
    fc.record({ bus: fc.nat(), kw: double(50, 1200), kvar: double(0, 600) }).map(({ bus, kw, kvar }) => ({
      bus,
      make: (id: string, at: string): DispatchDevice =>
        batteryAt(at, { id, chargeKw: kw, dischargeKw: kw, maxReactiveKvar: kvar, apparentPowerKva: 1.12 * kw }),
    })),
    fc
      .record({ bus: fc.nat(), wished: perStep(0, 500), floor: double(0, 60), cars })
      .map(({ bus, wished, floor, cars }) => ({
        bus,
        make: (id: string, at: string): DispatchDevice => ({
          kind: 'ev',
          id,
          bus: at,
          wishedKw: wished,
          // No floor for later sessions: it would take precedence over an envelope, whatever limit it breaks.
          minKw: wished.map((kw) => Math.min(kw, floor)),
          maxKw: wished.map(() => 500),
          floorKw: Math.min(floor, ...wished),
          sessions: cars.map((car, at) => ({ ...car, id: `car-${at + 1}` })),
          unservedEurPerKwh: 1,
          delayEurPerKwh: 0.003,
        }),
      })),
  );

/**
 * Two steps on a random tree, with random devices (some behind one meter), loads and spreads of the forecast; some limits are out of reach.
 */
export const randomProblem: fc.Arbitrary<DispatchProblem> = fc
  .record({
    network,
    devices: fc.array(device, { minLength: 1, maxLength: 6 }),
    loadKw: perStep(-60, 200),
    spread: double(0, 0.5),
    importKw: fc.option(double(300, 4000), { nil: Infinity }),
    exportKw: fc.option(double(300, 4000), { nil: Infinity }),
    headKw: fc.option(double(200, 2500), { nil: undefined }),
    /** Most buses at which devices stand. */
    places: fc.integer({ min: 1, max: 6 }),
    contractKw: fc.option(double(0, 1500), { nil: Infinity }),
    behindMeter: double(0, 1),
  })
  .map(({ network, devices, loadKw, spread, importKw, exportKw, headKw, places, contractKw, behindMeter }) => {
    const flat = (value: number): number[] => loadKw.map(() => value);
    const load = (by: number) =>
      evenLoad(
        network,
        loadKw.map((kw) => kw + by * Math.abs(kw)),
      );
    const placed = devices.map(({ bus, make }, at) =>
      make(`d${at}`, `b${1 + ((bus % places) % (network.buses.length - 1))}`),
    );
    return {
      id: 'random',
      network,
      horizon: { start: 0, stepsS: flat(3600) },
      sourceVoltagePu: 1.01,
      loads: { mid: load(0), lowSun: load(spread), highSun: load(-spread) },
      devices: placed,
      connectionPoints: [...Map.groupBy(placed, ({ bus }) => bus)].map(([bus, behind]): ConnectionPoint => {
        const part = (by: number) => loadKw.map((kw) => behindMeter * (kw + by * Math.abs(kw)));
        return {
          id: `cp-${bus}`,
          devices: behind.map(({ id }) => id),
          importKw: flat(contractKw),
          exportKw: flat(contractKw),
          loadKw: { mid: part(0), lowSun: part(spread), highSun: part(-spread) },
        };
      }),
      limits: {
        voltageMarginPu: 0,
        importKw: flat(importKw),
        exportKw: flat(exportKw),
        heads: headKw === undefined ? [] : [{ feeder: 'f', importKw: headKw, exportKw: headKw }],
      },
      prices: { importEurPerMwh: flat(0), exportEurPerMwh: flat(0), lossesEurPerMwh: 80, peakEurPerKw: 0 },
      options: { maxRounds: 6 },
    };
  });
