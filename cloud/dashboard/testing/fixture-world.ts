import type { HealthReport } from '../../../shared/contracts/report.ts';
import type { DeviceView, EventView, FeederView, GatewayView, RegionView, SubstationView, ValueView } from '../../../shared/contracts/view.ts';
import { busLoads, busName, chance, feederLines, flow, HOUR_MS, sun, wobble } from './fixture-grid.ts';

export const START = Date.parse('2021-09-25T11:40:00Z');
const LIMITS = { importKw: 7000, exportKw: 6000 };

interface Site {
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
].map(([id, name, latitude, longitude, baseKw, solarKw]) => ({ id, name, latitude, longitude, baseKw, solarKw }) as Site);

interface DeviceSeed {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bus: number;
  readonly ratedKw: number;
}

const DER: readonly DeviceSeed[] = [
  { id: 'pv-1', name: 'Solar park north', type: 'pv-inverter', bus: 18, ratedKw: 1500 },
  { id: 'pv-2', name: 'Cold store roof', type: 'pv-inverter', bus: 22, ratedKw: 1000 },
  { id: 'pv-3', name: 'Dairy roof', type: 'pv-inverter', bus: 25, ratedKw: 1000 },
  { id: 'pv-4', name: 'Solar park south', type: 'pv-inverter', bus: 33, ratedKw: 1500 },
  { id: 'battery-1', name: 'Battery A', type: 'battery', bus: 16, ratedKw: 500 },
  { id: 'battery-2', name: 'Battery B', type: 'battery', bus: 30, ratedKw: 600 },
  { id: 'battery-3', name: 'Battery C', type: 'battery', bus: 14, ratedKw: 400 },
];
const FLEX: readonly DeviceSeed[] = [
  { id: 'ev-1', name: 'Bus depot', type: 'ev-site', bus: 12, ratedKw: 800 },
  { id: 'ev-2', name: 'Park and ride', type: 'ev-site', bus: 24, ratedKw: 450 },
  { id: 'flex-1', name: 'Ice rink', type: 'flexible-load', bus: 31, ratedKw: 350 },
];
export const devicesOf = (feeder: string): readonly DeviceSeed[] => (feeder.endsWith('-1') ? DER : FLEX);

const seedOf = (id: string): number => [...id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 99991;
const round = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals;

/** What a device would be told: positive is consumption. */
export function setpointKw(device: DeviceSeed, time: number, shift = 0): number {
  const hour = (time / HOUR_MS) % 24;
  if (device.type === 'battery') {
    const charge = hour > 9.5 && hour < 15 ? 0.82 : hour > 17 && hour < 21 ? -0.9 : hour > 2 && hour < 5 ? 0.2 : 0;
    return round(device.ratedKw * charge, 0);
  }
  if (device.type === 'pv-inverter') return -round(device.ratedKw * Math.min(0.74, sun(time) * (0.9 + 0.1 * shift)), 0);
  if (device.type === 'ev-site') return round(device.ratedKw * (hour > 21 || hour < 5 ? 0.8 : hour > 16 ? 0.25 : 0.35), 0);
  return round(device.ratedKw * (hour > 10 && hour < 15 ? 0.9 : 0.45), 0);
}

export const devicePowerKw = (device: DeviceSeed, time: number): number => {
  const wanted = setpointKw(device, time);
  return round(wanted * (1 + 0.015 * wobble(time, seedOf(device.id), 60_000)), 1);
};

export const netKw = (site: Site, time: number): number => {
  const seed = seedOf(site.id);
  const load = site.baseKw * (busLoads(time, seed, 1).reduce((sum, kw) => sum + kw, 0) / 3715);
  return load - site.solarKw * sun(time) * (0.82 + 0.18 * wobble(time, seed, 1_500_000)) + 60 * wobble(time, seed + 1, 90_000);
};

export const siteOf = (feeder: string): Site | undefined => SITES.find(({ id }) => feeder === `${id}-1` || feeder === `${id}-2`);

/** Switches of the fixture: what is wrong in its world. */
export interface Faults {
  spikeUntil: number;
  spikeFeeder: string;
}

export class FixtureWorld {
  readonly faults: Faults = { spikeUntil: 0, spikeFeeder: '' };
  readonly events: EventView[] = [];
  readonly #opened = Date.now();
  readonly #random = chance(20210925);
  readonly speed: number;
  #nextId = 1;

  constructor(speed: number) {
    this.speed = speed;
    for (const seed of pastEvents()) this.addEvent(seed);
  }

  now(): number {
    return Math.round(START + this.speed * (Date.now() - this.#opened));
  }

  addEvent(event: Omit<EventView, 'id'>): EventView {
    const made = { ...event, id: this.#nextId++ };
    this.events.unshift(made);
    return made;
  }

  /** Something small that happens now and then. */
  happen(): EventView {
    const site = SITES[Math.floor(this.#random() * SITES.length)]!;
    const base = { time: this.now(), source: `${site.id}-01`, device: null, subject: null, active: null } as const;
    const kinds: Omit<EventView, 'id'>[] = [
      { ...base, kind: 'outcome', severity: 'info', code: 'plan.applied', text: `Plan applied at ${site.name}.`, subject: `pl_${site.id}_118` },
      { ...base, source: 'cloud', kind: 'event', severity: 'info', code: 'forecast.issued', text: `Forecast issued for ${site.name}.` },
      { ...base, kind: 'event', severity: 'low', code: 'guard.released', text: 'Guard released 40 kW at battery-2.', device: 'battery-2' },
    ];
    return this.addEvent(kinds[Math.floor(this.#random() * kinds.length)]!);
  }

  region(): RegionView {
    const now = this.now();
    const substations = SITES.map((site) => this.#substation(site, now));
    return {
      id: 'north',
      name: 'North',
      clock: { plantTime: now, speed: this.speed, speedReached: round(this.speed * 0.992, 1), simulated: true },
      activePowerKw: {
        value: round(substations.reduce((sum, { activePowerKw }) => sum + (activePowerKw.value ?? 0), 0), 0),
        quality: 'uncertain',
        origin: 'estimated',
        time: now - 4000,
        error: 410,
      },
      limits: { importKw: 42_000, exportKw: 36_000 },
      substations,
    };
  }

  #substation(site: Site, now: number): SubstationView {
    const kw = netKw(site, now) + (this.faults.spikeFeeder.startsWith(`${site.id}-`) && now < this.faults.spikeUntil ? 900 : 0);
    const estimated = site.id === 'wls' || site.id === 'hfdp';
    const lost = site.id === 'mnzl';
    const power: ValueView = {
      value: round(kw, 0),
      quality: estimated ? 'uncertain' : 'good',
      origin: estimated ? 'estimated' : 'measured',
      time: now - (lost ? 1_620_000 : 3000),
      ...(estimated ? { error: 240 } : {}),
    };
    const low = 1.015 - Math.max(0, kw) / 120_000;
    const feeders = [this.feeder(`${site.id}-1`), this.feeder(`${site.id}-2`)];
    const volts = feeders.flatMap((feeder) => feeder?.buses.map(({ voltagePu }) => voltagePu.value ?? low) ?? []);
    const findings =
      site.id === 'wls'
        ? [{ device: 'transformer', finding: 'dead' as const, since: START - 55 * 86_400_000, text: 'Meter "transformer" reads zero while its feeders carry load: dead. Net power is estimated from the feeder heads.' }]
        : site.id === 'hfdp'
          ? [{ device: 'transformer', finding: 'reversed' as const, since: START - 54 * 86_400_000, text: 'Meter "transformer" counts with the wrong sign: it falls when load rises. Its readings are turned and marked.' }]
          : [];
    const voltage = (value: number): ValueView => ({ ...power, value: round(value, 3), origin: 'estimated', error: 0.003 });
    return {
      id: site.id,
      name: site.name,
      latitude: site.latitude,
      longitude: site.longitude,
      gateway: `${site.id}-01`,
      feeders: [`${site.id}-1`, `${site.id}-2`],
      activePowerKw: power,
      loadingPct: { ...power, value: round(Math.abs(kw) / 80, 1), ...(estimated ? { error: 3 } : {}) },
      limits: LIMITS,
      voltageMinPu: voltage(Math.min(...volts)),
      voltageMaxPu: voltage(Math.max(...volts)),
      forecastPeak: site.id === 'nryn' ? null : peak(site, now),
      findings,
      alarms: this.events.filter(({ source, active }) => source === `${site.id}-01` && active === true).length,
      link: { state: lost ? 'down' : 'up', since: now - (lost ? 1_620_000 : 8_000_000), lastFrame: now - (lost ? 1_620_000 : 1000) },
      planStatus: site.id === 'lls' ? 'least-violation' : site.id === 'mnzl' ? 'envelopes-only' : site.id === 'nryn' ? 'none' : 'optimal',
    };
  }

  feeder(id: string): FeederView | undefined {
    const site = siteOf(id);
    if (site === undefined) return undefined;
    const now = this.now();
    const devices = devicesOf(id);
    const lost = site.id === 'mnzl';
    const time = now - (lost ? 1_620_000 : 2000);
    const loads = busLoads(now, seedOf(id), (site.baseKw / 3715) * 0.52);
    if (this.faults.spikeFeeder === id && now < this.faults.spikeUntil) for (let bus = 2; bus < 34; bus++) loads[bus]! *= 1.3;
    for (const device of devices) loads[device.bus]! += devicePowerKw(device, now);
    const lines = feederLines(site.id, id);
    const { voltagePu, lineKw } = flow(lines, loads, 1.012);
    const metered = new Set([1, 7, 18, 29, ...devices.map(({ bus }) => bus)]);
    const measured = (value: number, decimals: number): ValueView => ({ value: round(value, decimals), quality: 'good', origin: 'measured', time });
    const estimated = (value: number, decimals: number, error: number): ValueView => ({
      ...measured(value, decimals),
      origin: 'estimated',
      quality: 'uncertain',
      error,
    });
    const head = lineKw[0]!;
    return {
      id,
      name: `${site.name} ${id.endsWith('-1') ? 'north' : 'harbour'}`,
      substation: site.id,
      mode: id.endsWith('-1') ? 'automatic' : site.id === 'owd' ? 'manual' : 'automatic',
      time,
      estimateFrom: 'feeder head, 7 terminals, 3 stations; 22 loads by rating and profile',
      head: { activePowerKw: measured(head, 0), loadingPct: measured((Math.abs(head) / 4613) * 100, 1) },
      tapPosition: measured(2, 0),
      buses: Array.from({ length: 33 }, (_, index) => index + 1).map((bus) => ({
        id: busName(site.id, id, bus),
        voltagePu: metered.has(bus) ? measured(voltagePu[bus]!, 4) : estimated(voltagePu[bus]!, 4, 0.0028),
        x: bus,
        y: 0,
        vMinPu: 0.95,
        vMaxPu: 1.05,
      })),
      branches: lines.map((line, index) => ({
        id: line.id,
        from: line.from,
        to: line.to,
        closed: line.closed,
        activePowerKw: index === 0 ? measured(head, 0) : estimated(line.closed ? lineKw[index]! : 0, 0, 22),
        loadingPct: estimated(line.closed ? (Math.abs(lineKw[index]!) / line.ratedKva) * 100 : 0, 1, 2),
      })),
      devices: devices.map((device) => this.#device(device, { feeder: id, substation: site.id, now, time })),
    };
  }

  #device(device: DeviceSeed, at: { feeder: string; substation: string; now: number; time: number }): DeviceView {
    const silent = at.substation === 'owd' && device.id === 'pv-3';
    const power = devicePowerKw(device, at.now);
    return {
      id: device.id,
      name: device.name,
      type: device.type,
      bus: busName(at.substation, at.feeder, device.bus),
      activePowerKw: { value: silent ? null : power, quality: silent ? 'bad' : 'good', origin: 'measured', time: silent ? at.now - 900_000 : at.time },
      setpointKw: silent ? null : setpointKw(device, at.now),
      source: silent ? 'none' : device.id === 'battery-3' ? 'override' : 'cloud-plan',
      limitedBy: device.id === 'pv-1' && sun(at.now) > 0.7 ? 'guard: owd-1-b18 voltage' : null,
      socPct: device.type === 'battery' ? { value: round(48 + 30 * wobble(at.now, seedOf(device.id), 3 * HOUR_MS), 0), quality: 'good', origin: 'measured', time: at.time } : null,
      link: silent ? 'stale' : 'up',
    };
  }

  gateways(): GatewayView[] {
    const now = this.now();
    return SITES.map((site, index) => {
      const lost = site.id === 'mnzl';
      const fresh = site.id === 'nryn';
      return {
        id: `${site.id}-01`,
        substation: site.id,
        link: { state: lost ? 'down' : 'up', since: now - (lost ? 1_620_000 : 8_000_000), lastFrame: now - (lost ? 1_620_000 : 1000) },
        freshnessMs: lost ? 1_620_000 : 1200 + 300 * index,
        ledger: { storedFrames: 1_284_000 + index * 311, missingFrames: lost ? 4_812 : 0, refusedFrames: site.id === 'lls' ? 3 : 0 },
        health: fresh ? null : health(site.id, now - (lost ? 1_620_000 : 4000), index),
        healthAt: fresh ? null : now - (lost ? 1_620_000 : 4000),
      };
    });
  }
}

function peak(site: Site, now: number): { kw: number; at: number } {
  const from = Math.ceil(now / 900_000) * 900_000;
  const steps = Array.from({ length: 96 }, (_, step) => ({ at: from + step * 900_000, kw: round(netKw(site, from + step * 900_000), 0) }));
  return steps.sort((a, b) => Math.abs(b.kw) - Math.abs(a.kw))[0]!;
}

function health(id: string, time: number, index: number): HealthReport {
  const behind = id === 'whf';
  return {
    version: 1,
    time,
    software: '0.1.0',
    mode: 'automatic',
    stopped: false,
    rung: id === 'mnzl' ? 'own-plan' : 'plan',
    cycle: { periodMs: 250, count: 481_220 + index, overruns: id === 'lls' ? 12 : 0, lateP99Ms: 2.1 + index * 0.4 },
    guard: { active: id === 'lls', reliefKw: id === 'lls' ? 184 : 0, element: id === 'lls' ? 'transformer' : null, since: id === 'lls' ? time - 140_000 : null },
    journal: { backlogFrames: behind ? Math.max(0, 12_400 - Math.floor((time - START) / 40)) : 0, backlogOldest: behind ? time - 900_000 : null, bytes: 214_000_000, droppedFrames: 0, lostFrames: 0, writable: true },
    plan: { id: `pl_${id}_117`, epoch: 3, sequence: 117, validUntil: time + 2 * HOUR_MS, inForce: true },
    model: { id: `mdl_${id}_17`, state: id === 'wew' ? 'set-aside' : 'active', inferenceMs: 0.4, reason: id === 'wew' ? 'worse than the baseline over 24 h (LS-FORECAST-005)' : null },
    localForecast: { issuedAt: time - 300_000, by: 'onnx', peakKw: 5200, peakAt: time + 6 * HOUR_MS },
    clock: { quality: id === 'wwf' ? 'uncertain' : 'good', offsetMs: id === 'wwf' ? 1840 : 3.2 },
    devices: [...DER, ...FLEX].map((device) => {
      const silent = id === 'owd' && device.id === 'pv-3';
      return { device: device.id, link: silent ? 'stale' : 'up', lastSeen: silent ? time - 900_000 : time, source: 'cloud-plan', setpointKw: 0, wishedKw: 0, limitedBy: null };
    }),
  };
}

function pastEvents(): Omit<EventView, 'id'>[] {
  const base = { device: null, subject: null, active: null } as const;
  const quiet = Array.from({ length: 70 }, (_, index): Omit<EventView, 'id'> => {
    const site = SITES[index % SITES.length]!;
    return { ...base, time: START - (80 - index) * 400_000, source: index % 3 === 0 ? 'cloud' : `${site.id}-01`, kind: index % 3 === 0 ? 'event' : 'outcome', severity: 'info', code: index % 3 === 0 ? 'forecast.issued' : 'plan.verified', text: index % 3 === 0 ? `Forecast issued for ${site.name}: P50 peak at 18:15Z.` : `Plan pl_${site.id}_${100 + index} verified by readback at all devices.`, subject: `pl_${site.id}_${100 + index}` };
  });
  return [
    ...quiet,
    { ...base, time: START - 4_000_000, source: 'wls-01', kind: 'alarm', severity: 'low', code: 'LS-FORECAST-004', text: 'Input meter of WLS is not usable: the forecast stands on the estimate.', device: 'transformer', active: true },
    { ...base, time: START - 3_000_000, source: 'hfdp-01', kind: 'alarm', severity: 'low', code: 'meter.reversed', text: 'Transformer meter counts with the wrong sign.', device: 'transformer', active: true },
    { ...base, time: START - 1_620_000, source: 'mnzl-01', kind: 'alarm', severity: 'medium', code: 'gateway.lost', text: 'Gateway mnzl-01 is lost; its 14 devices are suppressed. It goes on by its own plan.', active: true },
    { ...base, time: START - 900_000, source: 'owd-01', kind: 'alarm', severity: 'low', code: 'device.silent', text: 'Device pv-3 has been silent for twice its interval; counted at its worst.', device: 'pv-3', active: true },
    { ...base, time: START - 700_000, source: 'cloud', kind: 'outcome', severity: 'medium', code: 'LS-DOC-002', text: 'Plan pl_wew_116 refused by wew-01: its sequence is not above the last one accepted.', subject: 'pl_wew_116' },
    { ...base, time: START - 140_000, source: 'lls-01', kind: 'alarm', severity: 'high', code: 'limit.export', text: 'Transformer of LLS feeds in 6 210 kW, limit 6 000 kW: the guard relieves 184 kW.', device: 'transformer', active: true },
  ];
}
