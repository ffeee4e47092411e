import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import type { LiveState } from '../telemetry/live.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { compileEstimate, estimate, type EstimateModel, type Reading, type Readings } from './estimate.ts';
import { judgeHistory } from './meter-history.ts';
import { judgeLive, startLive, type LiveMeterState } from './meter-live.ts';
import type { EstimateState, MeterFinding } from './state.ts';
import { exchanged } from './topologies.ts';
import { startWatch, watch, WINDOW_MS, type Watch } from './watch.ts';

export interface EstimateServiceOptions {
  readonly region: Region;
  readonly clock: Clock;
  readonly live: LiveState;
  readonly store: Pick<TelemetryStore, 'intervals'>;
  /** Seconds of plant time between estimates; never more often than once a machine second. */
  readonly everyS: number;
  /** Gateways report by exception: an unchanged value comes again after this many seconds. */
  readonly reportIntervalS?: number;
  /** Alarms of the cloud's own: a meter found, or found well again. */
  onEvent(gateway: string, event: LoadstoneEvent): void;
}

interface Station {
  readonly substation: RegionSubstation;
  /** As the switches are said to stand, and as the meters say. */
  readonly told: EstimateModel;
  model: EstimateModel;
  watch: Watch | undefined;
  live: LiveMeterState;
  findings: readonly MeterFinding[];
  state: EstimateState | undefined;
}

const REPORT_INTERVAL_S = 60;
const HISTORY_MS = 28 * 86_400_000;
const HISTORY_STEP_S = 900;
const known = Object.keys(metrics) as Metric[];

const codes = {
  dead: 'LS-METER-001',
  reversed: 'LS-METER-002',
  'gross-error': 'LS-METER-004',
  'wrong-switch': 'LS-METER-005',
} as const satisfies Record<Exclude<MeterFinding['finding'], 'stale'>, string>;

/** Estimates every substation on plant time, and names the meters that cannot be trusted. */
export class EstimateService {
  readonly #options: EstimateServiceOptions;
  readonly #stations: readonly Station[];
  #timer: Timer | undefined;

  constructor(options: EstimateServiceOptions) {
    this.#options = options;
    const reportS = options.reportIntervalS ?? REPORT_INTERVAL_S;
    this.#stations = options.region.substations
      .map((substation) => asReported(substation, reportS))
      .map((substation) => ({
        substation,
        ...modelsOf(substation),
        watch: undefined,
        live: startLive(),
        findings: [],
        state: undefined,
      }));
  }

  /** Judges the meters by their history first, so that a dead or reversed one is known before the first reading. */
  async start(): Promise<void> {
    for (const station of this.#stations) await this.#judgePast(station);
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** The newest estimate; undefined before the first reading of the substation. */
  state(substation: string): EstimateState | undefined {
    return this.#station(substation)?.state;
  }

  findings(substation: string): readonly MeterFinding[] {
    return this.#station(substation)?.findings ?? [];
  }

  findingsOfGateway(gateway: string): readonly MeterFinding[] {
    return this.#stations.find((station) => station.substation.gateway === gateway)?.findings ?? [];
  }

  /** Estimates all substations that have readings, now. */
  run(): void {
    for (const station of this.#stations) {
      const readings = this.#readings(station.substation);
      if (readings.size === 0) continue;
      const time = this.#options.clock.plant.now();
      const judged = judgeLive(station.substation, station.live, { time, readings });
      station.live = judged.state;
      const findings = [...judged.findings, ...this.#watched(station, { time, readings, known: judged.findings })];
      this.#take(station, findings);
      station.state = estimate(station.model, { time, readings, findings });
    }
  }

  /** What the residuals of the hours say of meters and switches that nothing else has found; the model follows the switches. */
  #watched(station: Station, now: Parameters<typeof watch>[2]): MeterFinding[] {
    const before = station.watch ?? startWatch(now.time - this.#headStart(station));
    const after = watch(station.model, before, now);
    station.watch = after;
    if (after.exchange !== before.exchange && after.exchange !== undefined)
      station.model = exchanged(station.told, after.exchange);
    return after.findings.filter(({ device }) => !now.known.some((each) => each.device === device));
  }

  /** Spreads the ends of the substations' hours, so that they are not all judged at once. */
  #headStart(station: Station): number {
    return (WINDOW_MS * this.#stations.indexOf(station)) / this.#stations.length;
  }

  #schedule(): void {
    const { clock, everyS } = this.#options;
    const period = Math.max(everyS, clock.speed()) * 1000;
    this.#timer = clock.plant.after(period, () => {
      this.run();
      this.#schedule();
    });
  }

  async #judgePast(station: Station): Promise<void> {
    const { clock, store } = this.#options;
    const { gateway, meters, network } = station.substation;
    const meter = meters.find(({ kind }) => kind === 'transformer');
    if (meter === undefined) return;
    const stepMs = HISTORY_STEP_S * 1000;
    const end = clock.plant.now() - (clock.plant.now() % stepMs);
    const start = end - HISTORY_MS;
    const [power, radiation] = await store.intervals({
      series: [
        { gateway, device: meter.device, metric: 'activePowerKw' },
        { gateway, device: 'weather', metric: 'radiationWm2' },
      ],
      start,
      end,
      resolutionS: HISTORY_STEP_S,
    });
    const findings = judgeHistory({
      device: meter.device,
      ratedKva: network.transformers[0]?.ratedKva ?? 1000,
      start,
      stepS: HISTORY_STEP_S,
      activePowerKw: (power ?? []).map(({ mean }) => mean),
      ...(radiation === undefined ? {} : { radiation: radiation.map(({ mean }) => mean) }),
    });
    station.live = startLive(findings);
    this.#take(station, findings);
  }

  #take(station: Station, findings: readonly MeterFinding[]): void {
    const same = (a: MeterFinding, b: MeterFinding): boolean =>
      a.device === b.device && a.finding === b.finding && a.channel === b.channel;
    const before = station.findings;
    station.findings = findings;
    for (const finding of findings) {
      if (!before.some((each) => same(each, finding))) this.#raise(station, finding, true);
    }
    for (const finding of before) {
      if (!findings.some((each) => same(each, finding))) this.#raise(station, finding, false);
    }
  }

  /** A stale meter is no alarm of the cloud's: the gateway tells which device is silent, the link whether the gateway is. */
  #raise({ substation }: Station, finding: MeterFinding, active: boolean): void {
    if (finding.finding === 'stale') return;
    this.#options.onEvent(substation.gateway, {
      time: this.#options.clock.plant.now(),
      kind: 'alarm',
      severity: 'medium',
      code: codes[finding.finding],
      text: active ? `${finding.device}: ${finding.text}` : `${finding.device} fits the others again`,
      device: finding.device,
      active,
    });
  }

  #readings({ gateway }: RegionSubstation): Readings {
    const { live } = this.#options;
    const readings = new Map<string, Partial<Record<Metric, Reading>>>();
    for (const device of live.devices(gateway)) {
      const values = live.device(gateway, device);
      const own: Partial<Record<Metric, Reading>> = {};
      for (const metric of known) {
        const value = values.get(metric);
        if (value !== undefined) own[metric] = value;
      }
      readings.set(device, own);
    }
    return readings;
  }

  #station(substation: string): Station | undefined {
    return this.#stations.find((station) => station.substation.id === substation);
  }
}

function modelsOf(substation: RegionSubstation): Pick<Station, 'told' | 'model'> {
  const told = compileEstimate(substation);
  return { told, model: told };
}

/** The substation with its meters at the intervals at which their values reach the cloud. */
const asReported = (substation: RegionSubstation, reportS: number): RegionSubstation => ({
  ...substation,
  meters: substation.meters.map((meter) => ({ ...meter, intervalS: Math.max(meter.intervalS, reportS) })),
});
