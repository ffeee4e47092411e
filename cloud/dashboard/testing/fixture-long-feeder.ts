import type { BranchView, BusView, FeederView, ValueView } from '../../../shared/contracts/view.ts';
import { chance } from './fixture-grid.ts';

/** Returns the bus that feeds each bus: mostly the previous one, sometimes one further in, like villages along a line. */
function parentsOf(count: number): number[] {
  const random = chance(500);
  const parents = [0, 0];
  for (let bus = 2; bus <= count; bus++)
    parents.push(random() < 0.86 ? bus - 1 : 1 + Math.floor(random() * Math.min(bus - 1, 60 + bus * 0.5)));
  return parents;
}

/** A long feeder with the head and devices of another one of the fixture; the voltage falls along it. */
export function longFeeder(like: FeederView, id: string, count: number): FeederView {
  const parents = parentsOf(count);
  const name = (bus: number): string => (bus === 1 ? `${like.substation}-bb` : `${id}-b${bus}`);
  const below = parents.map(() => 1);
  for (let bus = count; bus > 1; bus--) below[parents[bus]!]! += below[bus]!;
  const volts = parents.map(() => 1.035);
  for (let bus = 2; bus <= count; bus++) volts[bus] = volts[parents[bus]!]! - (0.0042 * below[bus]!) / count - 0.0006;
  const value = (number: number, decimals: number, error?: number): ValueView => ({
    value: Number(number.toFixed(decimals)),
    quality: error === undefined ? 'good' : 'uncertain',
    origin: error === undefined ? 'measured' : 'estimated',
    time: like.time,
    ...(error === undefined ? {} : { error }),
  });
  const order = Array.from({ length: count }, (_, index) => index + 1);
  const buses = order.map((bus): BusView => ({
    id: name(bus),
    voltagePu: value(volts[bus]!, 4, bus % 9 === 1 ? undefined : 0.0028),
    x: bus,
    y: 0,
    vMinPu: 0.95,
    vMaxPu: 1.05,
  }));
  const branches = order.slice(1).map((bus): BranchView => ({
    id: `${id}-l${bus - 1}`,
    from: name(parents[bus]!),
    to: name(bus),
    closed: true,
    activePowerKw: value((below[bus]! * 3400) / count, 0, 22),
    loadingPct: value((92 * below[bus]!) / count + 3, 1, 2),
  }));
  const place = (index: number): string =>
    name(2 + Math.floor(((index + 1) * (count - 3)) / (like.devices.length + 1)));
  const devices = like.devices.map((device, index) => ({ ...device, bus: place(index) }));
  return { ...like, id, name: `${count} buses`, buses, branches, devices };
}
