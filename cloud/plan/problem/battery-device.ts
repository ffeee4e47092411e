import { withoutReserve } from '../../../shared/grid/storage-reserve.ts';
import type { RegionDevice } from '../../../shared/contracts/region.ts';
import type { StorageDevice } from './problem.ts';
import type { DispatchTariff } from './prices.ts';

/** Least level at the end of a horizon, a share of the capacity. */
const END_LEVEL = 0.5;

/**
 * A battery as plans use it, from its present level, percent; undefined if that is unknown. An empty battery would leave the guard nothing
 * against a spike, so plans keep clear of both ends by the energy of the tariff's reserve at rated power. A battery that is closer to an
 * end already stays there or moves away from it.
 */
export function batteryDevice(
  device: RegionDevice,
  socPct: number | undefined,
  { guardReserveMinutes }: Pick<DispatchTariff, 'guardReserveMinutes'>,
): StorageDevice | undefined {
  const { capacityKwh, chargeKw = 0, dischargeKw = 0, efficiency = 0.95 } = device;
  if (socPct === undefined || capacityKwh === undefined) return undefined;
  const [socMin, socMax] = [(device.socMinPct ?? 10) / 100, (device.socMaxPct ?? 90) / 100];
  const ratings = { chargeKw, dischargeKw, capacityKwh, efficiency, least: socMin, most: socMax };
  const { least, most } = withoutReserve(ratings, guardReserveMinutes * 60);
  return {
    kind: 'storage',
    id: device.id,
    bus: device.bus,
    chargeKw,
    dischargeKw,
    capacityKwh,
    efficiencyCharge: efficiency,
    efficiencyDischarge: efficiency,
    socStart: Math.min(1, Math.max(0, socPct / 100)),
    socMin: least,
    socMax: most,
    socEndMin: END_LEVEL,
    wearEurPerKwh: device.contractEurPerKwh ?? 0.02,
    maxReactiveKvar: device.maxReactiveKvar ?? 0,
    apparentPowerKva: device.apparentPowerKva,
  };
}

/**
 * A battery that a person controls in some steps. It cannot give what it does not hold, so it rests where it would pass an end of its span.
 * The levels that it reaches this way are allowed to the plan afterwards.
 */
export function heldBattery(
  battery: StorageDevice,
  { socMinPct = 10, socMaxPct = 90 }: RegionDevice,
  { heldKw, stepsS }: { readonly heldKw: readonly (number | null)[]; readonly stepsS: readonly number[] },
): StorageDevice {
  const { capacityKwh, chargeKw, dischargeKw, efficiencyCharge, efficiencyDischarge } = battery;
  const [least, most] = [(socMinPct / 100) * capacityKwh, (socMaxPct / 100) * capacityKwh];
  let level = battery.socStart * capacityKwh;
  let [lowest, highest] = [level, level];
  const feasibleKw = heldKw.map((kw, step) => {
    if (kw === null) return null;
    const hours = stepsS[step]! / 3600;
    const charge = Math.min(Math.max(0, kw), chargeKw, Math.max(0, most - level) / (efficiencyCharge * hours));
    const discharge = Math.min(
      Math.max(0, -kw),
      dischargeKw,
      (Math.max(0, level - least) * efficiencyDischarge) / hours,
    );
    level += hours * (charge * efficiencyCharge - discharge / efficiencyDischarge);
    [lowest, highest] = [Math.min(lowest, level), Math.max(highest, level)];
    return charge - discharge;
  });
  return {
    ...battery,
    heldKw: feasibleKw,
    socMin: Math.min(battery.socMin, lowest / capacityKwh),
    socMax: Math.max(battery.socMax, highest / capacityKwh),
  };
}
