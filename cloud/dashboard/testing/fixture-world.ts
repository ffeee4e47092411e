import { sayEstimate } from '../../../shared/sentences/estimate-forms.ts';
import { listed } from '../../../shared/sentences/plan-forms.ts';
import { eventSays } from '../../../shared/sentences/event-forms.ts';
import { Sentences, valuesOf, type Said } from '../../../shared/sentences/said.ts';
import type { AreasView } from '../../../shared/contracts/areas.ts';
import type {
  DeviceView,
  EventView,
  FeederView,
  GatewayView,
  RegionView,
  SubstationView,
  ValueView,
} from '../../../shared/contracts/view.ts';
import { busLoads, busName, chance, feederLines, flow, HOUR_MS, sun, wobble } from './fixture-grid.ts';
import { longFeeder } from './fixture-long-feeder.ts';
import { health, pastEvents, planStage } from './fixture-reports.ts';
import {
  devicePowerKw,
  devicesOf,
  LIMITS,
  netKw,
  round,
  seedOf,
  setpointKw,
  siteOf,
  SITES,
  START,
  type DeviceSeed,
  type Site,
} from './fixture-sites.ts';

/** Feeders outside the region, as long as imported networks. */
const LONG = /^([a-z]+)-(150|500)$/;

/** Faults that a test can switch on. */
export interface Faults {
  spikeUntil: number;
  spikeFeeder: string;
}

/** Formats a meter finding as an answer does. */
const found = ({ code, text, parameters = {} }: Said) => ({ code, text, parameters: valuesOf(parameters) });

export class FixtureWorld {
  readonly faults: Faults = { spikeUntil: 0, spikeFeeder: '' };
  readonly events: EventView[] = [];
  readonly #opened = Date.now();
  #looked: number | undefined;
  readonly #random = chance(20210925);
  readonly speed: number;
  /** Share of the requested speed that the machine reaches. */
  reach = 0.992;
  #nextId = 1;

  readonly #start: number;

  constructor(speed: number, start = START) {
    this.speed = speed;
    this.#start = start;
    for (const seed of pastEvents()) this.addEvent(seed);
  }

  now(): number {
    if (this.#looked !== undefined) return this.#looked;
    return Math.round(this.#start + this.speed * (Date.now() - this.#opened));
  }

  /** Runs `draw` as of another time. */
  at<T>(time: number, draw: () => T): T {
    this.#looked = time;
    try {
      return draw();
    } finally {
      this.#looked = undefined;
    }
  }

  addEvent(event: Omit<EventView, 'id'>): EventView {
    const made = { ...event, id: this.#nextId++ };
    this.events.unshift(made);
    return made;
  }

  /** Returns a small event of the kind that happens now and then. */
  happen(): EventView {
    const site = SITES[Math.floor(this.#random() * SITES.length)]!;
    const base = { time: this.now(), source: `${site.id}-01`, device: null, subject: null, active: null } as const;
    const kinds: Omit<EventView, 'id'>[] = [
      {
        ...base,
        kind: 'outcome',
        severity: 'info',
        ...planStage(`pl_${site.id}_118`, 'applied'),
        subject: `pl_${site.id}_118`,
      },
      {
        ...base,
        kind: 'event',
        severity: 'info',
        ...eventSays('gateway.rung', 'the gateway goes from {from} to {to}', { from: 'own-plan', to: 'plan' }),
      },
      {
        ...base,
        kind: 'event',
        severity: 'low',
        ...eventSays('guard.released', 'the guard has let go of all devices'),
      },
    ];
    return this.addEvent(kinds[Math.floor(this.#random() * kinds.length)]!);
  }

  /** Two operators share the region; nobody holds one substation. */
  areas(): AreasView {
    const held = SITES.filter(({ id }) => id !== 'nryn').flatMap(({ id, name }, index) =>
      [`substation:${id}`, `feeder:${id}-1`, `feeder:${id}-2`].map((target) => ({
        target,
        substation: id,
        name,
        holder: index < 6 ? 'demo-operator' : 'anna',
        since: START - 2 * HOUR_MS,
        offer: null,
      })),
    );
    return { held, absent: ['anna'], losses: [] };
  }

  region(): RegionView {
    const now = this.now();
    const substations = SITES.map((site) => this.#substation(site, now));
    return {
      id: 'north',
      name: 'North',
      clock: { plantTime: now, speed: this.speed, speedReached: round(this.speed * this.reach, 1), simulated: true },
      activePowerKw: {
        value: round(
          substations.reduce((sum, { activePowerKw }) => sum + (activePowerKw.value ?? 0), 0),
          0,
        ),
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
    const kw =
      netKw(site, now) + (this.faults.spikeFeeder.startsWith(`${site.id}-`) && now < this.faults.spikeUntil ? 900 : 0);
    const estimated = site.id === 'wls' || site.id === 'hfdp';
    const lost = site.id === 'mnzl';
    const power: ValueView = {
      value: round(kw, 0),
      quality: estimated ? 'uncertain' : 'good',
      origin: estimated ? 'substituted' : 'measured',
      time: now - (lost ? 1_620_000 : 3000),
      ...(estimated ? { error: 3198 } : {}),
    };
    const low = 1.015 - Math.max(0, kw) / 120_000;
    const feeders = [this.feeder(`${site.id}-1`), this.feeder(`${site.id}-2`)];
    const volts = feeders.flatMap((feeder) => feeder?.buses.map(({ voltagePu }) => voltagePu.value ?? low) ?? []);
    const findings =
      site.id === 'wls'
        ? [
            {
              device: 'transformer',
              finding: 'dead' as const,
              since: START - 55 * 86_400_000,
              ...found(
                sayEstimate(
                  'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all',
                  { value: 0, minutes: 90, moved: 412 },
                ),
              ),
            },
          ]
        : site.id === 'hfdp'
          ? [
              {
                device: 'transformer',
                finding: 'reversed' as const,
                since: START - 54 * 86_400_000,
                ...found(
                  sayEstimate(
                    'moves against its feeder heads: {slope} kW for each kW of theirs, where +1 is right (t {confidence})',
                    { slope: -0.98, confidence: 41 },
                  ),
                ),
              },
            ]
          : [];
    const voltage = (value: number): ValueView => ({
      ...power,
      value: round(value, 3),
      origin: 'estimated',
      error: 0.003,
    });
    return {
      id: site.id,
      name: site.name,
      latitude: site.latitude,
      longitude: site.longitude,
      gateway: `${site.id}-01`,
      feeders: [`${site.id}-1`, `${site.id}-2`],
      activePowerKw: power,
      series: `${site.id}-01/transformer/activePowerKw`,
      headSeries: [1, 2].map((head) => `${site.id}-01/feeder-${head}/activePowerKw`),
      loadingPct: { ...power, value: round(Math.abs(kw) / 80, 1), ...(estimated ? { error: 3 } : {}) },
      limits: LIMITS,
      voltageMinPu: voltage(Math.min(...volts)),
      voltageMaxPu: voltage(Math.max(...volts)),
      nextMeters: [{ bus: `${site.id}-2-b14`, errorPu: 0.0012, reductionPct: 29.8 }],
      forecastPeak: site.id === 'nryn' ? null : peak(site, now),
      findings,
      control: [],
      alarms: this.events.filter(({ source, active }) => source === `${site.id}-01` && active === true).length,
      link: {
        state: lost ? 'down' : 'up',
        since: now - (lost ? 1_620_000 : 8_000_000),
        lastFrame: now - (lost ? 1_620_000 : 1000),
      },
      planStatus:
        site.id === 'lls'
          ? 'least-violation'
          : site.id === 'hfdp'
            ? 'holds-at-median'
            : site.id === 'mnzl'
              ? 'envelopes-only'
              : site.id === 'nryn'
                ? 'none'
                : 'optimal',
    };
  }

  feeder(id: string): FeederView | undefined {
    const [, place, count] = LONG.exec(id) ?? [];
    const like = place === undefined ? undefined : this.feeder(`${place}-1`);
    if (like !== undefined) return longFeeder(like, id, Number(count));
    const site = siteOf(id);
    if (site === undefined) return undefined;
    const now = this.now();
    const devices = devicesOf(id);
    const lost = site.id === 'mnzl';
    const time = now - (lost ? 1_620_000 : 2000);
    const loads = busLoads(now, seedOf(id), (site.baseKw / 3715) * 0.52);
    if (this.faults.spikeFeeder === id && now < this.faults.spikeUntil)
      for (let bus = 2; bus < 34; bus++) loads[bus]! *= 1.3;
    for (const device of devices) loads[device.bus]! += devicePowerKw(device, now);
    const lines = feederLines(site.id, id);
    const { voltagePu, lineKw } = flow(lines, loads, 1.012);
    const metered = new Set([1, 7, 18, 29, ...devices.map(({ bus }) => bus)]);
    const measured = (value: number, decimals: number): ValueView => ({
      value: round(value, decimals),
      quality: 'good',
      origin: 'measured',
      time,
    });
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
      ...measuredBy(),
      head: {
        activePowerKw: measured(head, 0),
        loadingPct: measured((Math.abs(head) / 4613) * 100, 1),
        series: `${site.id}-01/feeder-${id.split('-').at(-1)}/activePowerKw`,
        limits: { importKw: 3000, exportKw: 3000 },
      },
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
      activePowerKw: {
        value: silent ? null : power,
        quality: silent ? 'bad' : 'good',
        origin: 'measured',
        time: silent ? at.now - 900_000 : at.time,
      },
      setpointKw: silent ? null : setpointKw(device, at.now),
      source: silent ? 'none' : device.id === 'battery-3' ? 'override' : 'cloud-plan',
      limitedBy: device.id === 'pv-1' && sun(at.now) > 0.7 ? 'guard: owd-1-b18 voltage' : null,
      socPct:
        device.type === 'battery'
          ? {
              value: round(48 + 30 * wobble(at.now, seedOf(device.id), 3 * HOUR_MS), 0),
              quality: 'good',
              origin: 'measured',
              time: at.time,
            }
          : null,
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
        link: {
          state: lost ? 'down' : 'up',
          since: now - (lost ? 1_620_000 : 8_000_000),
          lastFrame: now - (lost ? 1_620_000 : 1000),
        },
        freshnessMs: lost ? 1_620_000 : 1200 + 300 * index,
        ledger: {
          storedFrames: 1_284_000 + index * 311,
          missingFrames: lost ? 4_812 : 0,
          refusedFrames: site.id === 'lls' ? 3 : 0,
        },
        health: fresh ? null : health(site.id, now - (lost ? 1_620_000 : 4000), index),
        healthAt: fresh ? null : now - (lost ? 1_620_000 : 4000),
      };
    });
  }
}

function peak(site: Site, now: number): { kw: number; at: number } {
  const from = Math.ceil(now / 900_000) * 900_000;
  const steps = Array.from({ length: 96 }, (_, step) => ({
    at: from + step * 900_000,
    kw: round(netKw(site, from + step * 900_000), 0),
  }));
  return steps.sort((a, b) => Math.abs(b.kw) - Math.abs(a.kw))[0]!;
}

/** Inputs of the fixture's estimates. */
function measuredBy(): Pick<FeederView, 'estimateFrom' | 'sentences'> {
  const words = new Sentences();
  const names = listed(['transformer', sayEstimate('feeder head'), sayEstimate('{count} devices', { count: 7 })]);
  const estimateFrom = words.add(sayEstimate('{names} ({how})', { names, how: sayEstimate('measured') }));
  return { estimateFrom, sentences: words.list };
}
