import { busLoads, HOUR_MS, sun, wobble } from './fixture-grid.ts';

export const START = Date.parse('2021-09-25T11:40:00Z');
export const LIMITS = { importKw: 7000, exportKw: 6000 };

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly baseKw: number;
  readonly solarKw: number;
}

export const SITES: readonly Site[] = [
  ['hal', 'Hallum', 53.32567, 5.75326, 1500, 2600],
  ['hfdp', 'Hoofddorp', 52.30555, 4.69267, 5900, 1400],
  ['lls', 'Lelystad', 52.51509, 5.47689, 2800, 9200],
  ['mnzl', 'Marnezijl', 53.02372, 5.65125, 900, 5300],
  ['nryn', 'Neerijnen', 51.83366, 5.21378, 2100, 4200],
  ['owd', 'Oosterwolde', 53.00197, 6.29213, 3900, 4800],
  ['wew', 'Westwoud', 52.68051, 5.13114, 4700, 3300],
  ['whf', 'Wervershoof', 52.72678, 5.15069, 4100, 2600],
  ['wls', 'Wijchen', 51.86869, 5.86062, 3600, 2100],
  ['wwf', 'Wieringerwerf', 52.847, 5.043, 1700, 6400],
].map(
  ([id, name, latitude, longitude, baseKw, solarKw]) => ({ id, name, latitude, longitude, baseKw, solarKw }) as Site,
);

export interface DeviceSeed {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bus: number;
  readonly ratedKw: number;
}

export const DER: readonly DeviceSeed[] = [
  { id: 'pv-1', name: 'Solar park north', type: 'pv-inverter', bus: 18, ratedKw: 1500 },
  { id: 'pv-2', name: 'Cold store roof', type: 'pv-inverter', bus: 22, ratedKw: 1000 },
  { id: 'pv-3', name: 'Dairy roof', type: 'pv-inverter', bus: 25, ratedKw: 1000 },
  { id: 'pv-4', name: 'Solar park south', type: 'pv-inverter', bus: 33, ratedKw: 1500 },
  { id: 'battery-1', name: 'Battery A', type: 'battery', bus: 16, ratedKw: 500 },
  { id: 'battery-2', name: 'Battery B', type: 'battery', bus: 30, ratedKw: 600 },
  { id: 'battery-3', name: 'Battery C', type: 'battery', bus: 14, ratedKw: 400 },
];
export const FLEX: readonly DeviceSeed[] = [
  { id: 'ev-1', name: 'Bus depot', type: 'ev-site', bus: 12, ratedKw: 800 },
  { id: 'ev-2', name: 'Park and ride', type: 'ev-site', bus: 24, ratedKw: 450 },
  { id: 'flex-1', name: 'Ice rink', type: 'flexible-load', bus: 31, ratedKw: 350 },
];
export const devicesOf = (feeder: string): readonly DeviceSeed[] => (feeder.endsWith('-1') ? DER : FLEX);

export const seedOf = (id: string): number =>
  id.split('').reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 99991;
export const round = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals;

/** Setpoint of a device; positive is consumption. */
export function setpointKw(device: DeviceSeed, time: number, shift = 0): number {
  const hour = (time / HOUR_MS) % 24;
  if (device.type === 'battery') {
    const charge = hour > 9.5 && hour < 15 ? 0.82 : hour > 17 && hour < 21 ? -0.9 : hour > 2 && hour < 5 ? 0.2 : 0;
    return round(device.ratedKw * charge, 0);
  }
  if (device.type === 'pv-inverter') return -round(device.ratedKw * Math.min(0.74, sun(time) * (0.9 + 0.1 * shift)), 0);
  if (device.type === 'ev-site')
    return round(device.ratedKw * (hour > 21 || hour < 5 ? 0.8 : hour > 16 ? 0.25 : 0.35), 0);
  return round(device.ratedKw * (hour > 10 && hour < 15 ? 0.9 : 0.45), 0);
}

export const devicePowerKw = (device: DeviceSeed, time: number): number => {
  const wanted = setpointKw(device, time);
  return round(wanted * (1 + 0.015 * wobble(time, seedOf(device.id), 60_000)), 1);
};

export const netKw = (site: Site, time: number): number => {
  const seed = seedOf(site.id);
  const load = site.baseKw * (busLoads(time, seed, 1).reduce((sum, kw) => sum + kw, 0) / 3715);
  return (
    load -
    site.solarKw * sun(time) * (0.82 + 0.18 * wobble(time, seed, 1_500_000)) +
    60 * wobble(time, seed + 1, 90_000)
  );
};

export const siteOf = (feeder: string): Site | undefined =>
  SITES.find(({ id }) => feeder === `${id}-1` || feeder === `${id}-2`);
