import * as fc from 'fast-check';
import { dispatchInline } from '../../../cloud/plan/compose-compute.ts';
import { Planner, type Planned } from '../../../cloud/plan/planner.ts';
import { testDevices, testEstimate, testForecast, testSubstation } from '../../../cloud/plan/testing/fixture.ts';
import type { Region, RegionDevice, RegionSubstation } from '../../../shared/contracts/region.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';

/** Orientation of PV panels, degrees: tilt from the horizontal, azimuth clockwise from north. */
export interface Facing {
  readonly tilt: number;
  readonly azimuth: number;
}

const RAD = Math.PI / 180;

/** Clear-sky output of panels as a share of their rating, from solar geometry alone and independent of the product's own model. */
export function clearShare({ latitude, longitude }: RegionSubstation, facing: Facing, time: number): number {
  const day = Math.floor((time - Date.UTC(new Date(time).getUTCFullYear(), 0, 1)) / 86_400_000);
  const declination = 23.45 * RAD * Math.sin((2 * Math.PI * (285 + day)) / 365);
  const hour = (((time / 3_600_000) % 24) + longitude / 15 - 12) * 15 * RAD;
  const phi = latitude * RAD;
  const east = -Math.cos(declination) * Math.sin(hour);
  const north = Math.sin(declination) * Math.cos(phi) - Math.cos(declination) * Math.sin(phi) * Math.cos(hour);
  const up = Math.sin(declination) * Math.sin(phi) + Math.cos(declination) * Math.cos(phi) * Math.cos(hour);
  if (up <= 0) return 0;
  const [tilt, azimuth] = [facing.tilt * RAD, facing.azimuth * RAD];
  const onPanel =
    east * Math.sin(tilt) * Math.sin(azimuth) + north * Math.sin(tilt) * Math.cos(azimuth) + up * Math.cos(tilt);
  return Math.min(1, Math.exp(-0.1 / (up + 0.02)) * Math.max(0, onPanel) + 0.1 * Math.sqrt(up));
}

export interface Case {
  readonly now: number;
  readonly substation: RegionSubstation;
  readonly facing: ReadonlyMap<string, Facing>;
  /** Share of the clear-sky output that the clouds leave. */
  readonly clearness: number;
  readonly busKw: number;
  readonly readings: Readonly<Record<string, number>>;
}

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const double = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

const placed = fc.record({ feeder: fc.constantFrom(1, 2), bus: fc.constantFrom(2, 3, 4), alone: fc.boolean() });

/** A substation of two feeders with random PV plants, batteries, charging sites and loads, in any season, with wide or narrow limits. */
export const randomCase: fc.Arbitrary<Case> = fc
  .record({
    day: whole(0, 364),
    minute: whole(0, 1439),
    clearness: double(0.2, 1),
    busKw: double(20, 700),
    latitude: double(48, 58),
    importKw: fc.oneof(whole(300, 3000), fc.constant(7200)),
    exportKw: fc.oneof(whole(100, 3000), fc.constant(7200)),
    lineKva: fc.constantFrom(900, 1600, 4000),
    contractKw: fc.option(whole(50, 900), { nil: undefined }),
    plants: fc.array(fc.record({ at: placed, kw: whole(50, 1500), tilt: whole(0, 90), azimuth: whole(60, 300) }), {
      minLength: 1,
      maxLength: 3,
    }),
    batteries: fc.array(fc.record({ at: placed, kw: whole(30, 700), soc: double(12, 88) }), { maxLength: 2 }),
    sites: fc.array(fc.record({ at: placed, kw: whole(40, 500), wished: double(0, 1), due: double(0, 4) }), {
      maxLength: 2,
    }),
    loads: fc.array(fc.record({ at: placed, kw: whole(40, 400), wished: double(0, 1) }), { maxLength: 1 }),
  })
  .map((drawn) => {
    const base = testSubstation('aaa');
    const now = Date.UTC(2021, 0, 1 + drawn.day, 0, drawn.minute);
    const devices: RegionDevice[] = [];
    const readings: Record<string, number> = {};
    const facing = new Map<string, Facing>();
    const place = ({ feeder, bus, alone }: { feeder: number; bus: number; alone: boolean }, id: string) => ({
      id,
      name: id,
      bus: `aaa-${feeder}-b${bus}`,
      feeder: `aaa-${feeder}`,
      connectionPoint: alone ? `cp-${id}` : `cp-${feeder}-${bus}`,
    });
    const substation: RegionSubstation = {
      ...base,
      latitude: drawn.latitude,
      limits: { ...base.limits, importKw: drawn.importKw, exportKw: drawn.exportKw },
      network: { ...base.network, lines: base.network.lines.map((line) => ({ ...line, ratedKva: drawn.lineKva })) },
      devices,
    };
    for (const [index, { at, kw, ...panels }] of drawn.plants.entries()) {
      const id = `pv-${index + 1}`;
      devices.push({
        ...place(at, id),
        type: 'pv-inverter',
        authority: 'limit',
        activePowerKw: kw,
        apparentPowerKva: 1.1 * kw,
        maxReactiveKvar: 0.44 * kw,
        safeDefaultKw: kw / 2,
        contractEurPerKwh: 0.09,
      });
      facing.set(id, panels);
      readings[`${id}/availableKw`] = drawn.clearness * kw * clearShare(substation, panels, now);
    }
    for (const [index, { at, kw, soc }] of drawn.batteries.entries()) {
      const id = `battery-${index + 1}`;
      devices.push({
        ...place(at, id),
        type: 'battery',
        authority: 'direct',
        chargeKw: kw,
        dischargeKw: kw,
        capacityKwh: 3 * kw,
        socMinPct: 10,
        socMaxPct: 90,
        efficiency: 0.95,
        maxReactiveKvar: 0.5 * kw,
        safeDefaultKw: 0,
        contractEurPerKwh: 0.02,
      });
      readings[`${id}/socPct`] = soc;
    }
    for (const [index, { at, kw, wished, due }] of drawn.sites.entries()) {
      const id = `ev-${index + 1}`;
      devices.push({
        ...place(at, id),
        type: 'ev-site',
        authority: 'limit',
        activePowerKw: kw,
        floorKw: 0.2 * kw,
        safeDefaultKw: 0.2 * kw,
        contractEurPerKwh: 0.15,
      });
      readings[`${id}/wishedKw`] = wished * kw;
      readings[`${id}/energyDueKwh`] = due * kw;
    }
    for (const [index, { at, kw, wished }] of drawn.loads.entries()) {
      const id = `load-${index + 1}`;
      devices.push({
        ...place(at, id),
        type: 'flexible-load',
        authority: 'limit',
        activePowerKw: kw,
        floorKw: 0.1 * kw,
        safeDefaultKw: 0.5 * kw,
        capacityKwh: 2 * kw,
        contractEurPerKwh: 0.06,
      });
      readings[`${id}/wishedKw`] = wished * kw;
    }
    const points = [...new Set(devices.map(({ connectionPoint }) => connectionPoint))];
    const contracts = points.map((id) => ({ id, importKw: drawn.contractKw, exportKw: drawn.contractKw, loads: [] }));
    return {
      now,
      facing,
      clearness: drawn.clearness,
      busKw: drawn.busKw,
      readings,
      substation: {
        ...substation,
        ...(drawn.contractKw === undefined
          ? {}
          : {
              connectionPoints: contracts.map((one) => ({
                ...one,
                importKw: drawn.contractKw!,
                exportKw: drawn.contractKw!,
              })),
            }),
      },
    };
  });

const compute = dispatchInline();

/** The real planner's plan for a case. */
export async function planOf({ now, substation, busKw, readings }: Case, stepsS: readonly number[]): Promise<Planned> {
  const clock = new VirtualClock(now);
  const region: Region = {
    version: 1,
    id: 'north',
    name: 'North',
    timezone: 'Europe/Amsterdam',
    limits: { importKw: 100_000, exportKw: 100_000 },
    profile: 'dso',
    substations: [substation],
  };
  const sun = (feeder: string | undefined): number =>
    substation.devices.reduce(
      (sum, { id, feeder: own }) =>
        sum + (feeder === undefined || own === feeder ? (readings[`${id}/availableKw`] ?? 0) : 0),
      0,
    );
  const planner = new Planner({
    region,
    clock,
    compute,
    estimates: { state: () => testEstimate(substation, now, busKw) },
    forecasts: {
      newest: (target) => {
        const feeder = target.startsWith('feeder:') ? target.slice(7) : undefined;
        return testForecast(target, now, (feeder === undefined ? 6 : 3) * busKw - sun(feeder));
      },
    },
    devices: testDevices(readings, () => now),
    stepsS: () => stepsS,
  });
  return planner.plan(substation, 'schedule');
}
