import type { AddressInfo } from 'node:net';
import type { Region } from '../../shared/contracts/region.ts';
import type { FeederView, ValueView } from '../../shared/contracts/view.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { buildApi, type Api } from '../../cloud/api/app.ts';
import { fixtureDeps, smallRegion } from '../../cloud/api/testing/api-fixture.ts';
import { DeviceIndex } from '../../cloud/api/views/device-index.ts';
import { regionView } from '../../cloud/api/views/region-view.ts';
import type { ViewSources } from '../../cloud/api/views/sources.ts';

export const DEVICES = 50_000;
export const FEEDER = 'owd-1';
const SUBSTATIONS = 10;
const BUSES = 334;
/** Values that change each second on the feeder's screen: a voltage per bus, a flow and a loading per branch. */
export const VALUES = BUSES + 2 * (BUSES - 1);
const TYPES = ['battery', 'pv-inverter', 'ev-site', 'flexible-load'] as const;

function benchRegion(): Region {
  const base = smallRegion();
  const [like] = base.substations;
  return {
    ...base,
    substations: Array.from({ length: SUBSTATIONS }, (_, place) => {
      const id = place === 0 ? 'owd' : `s${place}`;
      const feeder = `${id}-1`;
      return {
        ...like!,
        id,
        name: `Substation ${place}`,
        gateway: `${id}-01`,
        latitude: 52 + place / 10,
        network: { ...like!.network, feeders: [{ ...like!.network.feeders[0]!, id: feeder, name: feeder }] },
        devices: Array.from({ length: DEVICES / SUBSTATIONS }, (_each, index) => ({
          id: `d-${index}`,
          type: TYPES[index % TYPES.length]!,
          name: `Device ${index}`,
          bus: `${feeder}-b${index % BUSES}`,
          feeder,
          connectionPoint: `cp-${index}`,
          authority: 'direct' as const,
        })),
      };
    }),
  };
}

/** A feeder whose values all change every second. */
function movingFeeder(now: number): FeederView {
  const second = Math.floor(now / 1000);
  const value = (base: number, reach: number, of: number): ValueView => ({
    value: base + reach * Math.sin(second + of),
    quality: 'good',
    origin: 'estimated',
    time: now,
    error: reach / 10,
  });
  const busId = (bus: number): string => `${FEEDER}-b${bus}`;
  return {
    id: FEEDER,
    name: 'Feeder 1',
    substation: 'owd',
    mode: 'automatic',
    time: now,
    estimateFrom: 'measurements',
    head: { activePowerKw: value(3000, 400, 0), loadingPct: value(60, 10, 0) },
    tapPosition: { value: 1, quality: 'good', origin: 'measured', time: now },
    buses: Array.from({ length: BUSES }, (_, bus) => ({
      id: busId(bus),
      voltagePu: value(1, 0.02, bus),
      x: bus % 40,
      y: Math.floor(bus / 40),
      vMinPu: 0.95,
      vMaxPu: 1.05,
    })),
    branches: Array.from({ length: BUSES - 1 }, (_, branch) => ({
      id: `${FEEDER}-l${branch}`,
      // A trunk with a lateral at every third bus.
      from: busId(branch % 3 === 2 ? Math.max(0, branch - 1) : branch),
      to: busId(branch + 1),
      closed: true,
      activePowerKw: value(200, 50, branch),
      loadingPct: value(40, 15, branch),
    })),
    devices: [],
  };
}

/** The cloud's own HTTP server and event stream over a region of 50,000 devices. */
export class DashboardServer {
  readonly #root: string;
  #api: Api | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  async start(): Promise<string> {
    const clock = new SystemClock((error) => {
      throw error;
    });
    const region = benchRegion();
    const sources: ViewSources = {
      region,
      plantNow: () => clock.plant.now(),
      clock: () => ({ speed: 1, speedReached: 1, simulated: false }),
      live: () => undefined,
      estimate: () => undefined,
      findings: () => [],
      link: () => ({ state: 'up', since: 0, lastFrame: clock.plant.now() }),
      health: () => undefined,
      forecast: () => undefined,
      plan: () => undefined,
      overrides: () => [],
      activeAlarms: () => 0,
      ledger: () => ({ storedFrames: 0, missingFrames: 0, refusedFrames: 0 }),
    };
    const devices = new DeviceIndex(sources);
    const deps = fixtureDeps({ clock, region, dashboardRoot: this.#root });
    this.#api = await buildApi({
      ...deps,
      views: {
        ...deps.views,
        region: () => regionView(sources),
        feeder: (id) => (id === FEEDER ? movingFeeder(clock.plant.now()) : undefined),
        devices: (query) => devices.page(query),
      },
    });
    this.#api.stream.start();
    await this.#api.app.listen({ host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(this.#api.app.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#api?.stream.stop();
    await this.#api?.app.close();
  }
}
