import { valuesOf } from '../../shared/sentences/said.ts';
import { eventSays } from '../../shared/sentences/event-forms.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import type { LiveState } from '../telemetry/live.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import { sideBySide } from '../compute/side-by-side.ts';
import type { WorkPace } from '../compute/work-pace.ts';
import { resumedFindings, type SentFindings } from './faulty-meters.ts';
import { judgeHistory } from './meter-history.ts';
import type { Readings } from './readings.ts';
import type { EstimateState, MeterFinding } from './state.ts';
import { startMemory, type EstimateTasks, type ReplayTask, type StationMemory } from './tasks.ts';
import { WINDOW_MS } from './watch.ts';
import { isStoreAway } from '../telemetry/store-away.ts';

export interface EstimateServiceOptions {
  readonly region: Region;
  readonly clock: Clock;
  readonly live: LiveState;
  readonly store: Pick<TelemetryStore, 'intervals'>;
  readonly compute: Compute<EstimateTasks>;
  /** Seconds of plant time between estimates. At most one starts per machine second, and only after the previous one ends. */
  readonly everyS: number;
  readonly onPace?: ((pace: WorkPace) => void) | undefined;
  /** Requested plant seconds per machine second; absent: the clock's speed. */
  readonly askedSpeed?: (() => number) | undefined;
  /** Findings sent to a gateway before this start. Undefined: none. */
  sentFindings(gateway: string): Promise<SentFindings | undefined>;
  /** Raises and clears the cloud's own alarms about faulty meters. */
  onEvent(gateway: string, event: LoadstoneEvent): void;
  /** The findings about a gateway's meters have changed. */
  onFindings(gateway: string): void;
}

interface Station {
  readonly substation: RegionSubstation;
  memory: StationMemory | undefined;
  /** Whether the meters' past is known. */
  isJudged: boolean;
  /** When the gateway last changed each meter's sign or scale, ms UTC. */
  countsSince: ReadonlyMap<string, number>;
  /** Meters whose finding predates this start. How long it has stood is unknown. */
  resumed: ReadonlySet<string>;
  findings: readonly MeterFinding[];
  state: EstimateState | undefined;
}

/** Histories read in parallel. */
const SIDE_BY_SIDE = 4;
const HISTORY_MS = 28 * 86_400_000;
const HISTORY_STEP_S = 900;
const known = Object.keys(metrics) as Metric[];

/** The finding's text with its parameters. */
const foundSays = ({ device, text, parameters = {} }: MeterFinding): Pick<LoadstoneEvent, 'text' | 'parameters'> => ({
  text: `${device}: ${text}`,
  parameters: { device, ...valuesOf(parameters) },
});

const codes = {
  dead: 'LS-METER-001',
  reversed: 'LS-METER-002',
  'gross-error': 'LS-METER-004',
  'wrong-switch': 'LS-METER-005',
} as const satisfies Record<Exclude<MeterFinding['finding'], 'stale'>, string>;

/** A reversed finding that dates, or may date, from before the meter's sign was changed. */
function isOfOldSign({ countsSince, resumed }: Station, { device, finding, since }: MeterFinding): boolean {
  const at = countsSince.get(device);
  return finding === 'reversed' && at !== undefined && (resumed.has(device) || since < at);
}

/** Estimates every substation on plant time and names the meters that cannot be trusted. */
export class EstimateService {
  readonly #options: EstimateServiceOptions;
  readonly #stations: readonly Station[];
  #timer: Timer | undefined;
  #running = false;

  constructor(options: EstimateServiceOptions) {
    this.#options = options;
    this.#stations = options.region.substations.map((substation) => ({
      substation,
      memory: undefined,
      isJudged: false,
      countsSince: new Map(),
      resumed: new Set(),
      findings: [],
      state: undefined,
    }));
  }

  /**
   * Resumes what is known of the meters. Where nothing is, judges them by their history, so that a dead or reversed one is known before the
   * first reading. While the store is unavailable, the first estimate waits for it.
   */
  async start(): Promise<void> {
    await this.#judgeAllPast();
    this.#running = true;
    this.#schedule(this.#options.clock.plant.now());
  }

  stop(): void {
    this.#running = false;
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

  /** The estimate that was made from the readings of a past moment. */
  async replay(task: ReplayTask): Promise<EstimateState> {
    return { ...(await this.#options.compute.run('replay', task)), everyS: this.#options.everyS };
  }

  /** Whether a meter is known to be reversed. */
  isReversed(gateway: string, meter: string): boolean {
    return this.findingsOfGateway(gateway).some(({ device, finding }) => device === meter && finding === 'reversed');
  }

  /**
   * A gateway reports when the sign or scale of its meters last changed, by device, ms UTC. Reversed findings from before the change end,
   * and what was learnt of the substation is discarded.
   */
  countSince(gateway: string, since: Readonly<Record<string, number>> = {}): void {
    const station = this.#stations.find(({ substation }) => substation.gateway === gateway);
    if (station === undefined) return;
    const known = station.countsSince;
    if (!Object.entries(since).some(([device, at]) => at > (known.get(device) ?? 0))) return;
    station.countsSince = new Map(Object.entries(since));
    station.memory = undefined;
    this.#take(
      station,
      station.findings.filter((finding) => !isOfOldSign(station, finding)),
    );
  }

  /** Estimates all substations that have readings. */
  async #run(): Promise<void> {
    const made = await Promise.allSettled(this.#stations.map((station) => this.#estimate(station)));
    for (const each of made) if (each.status === 'rejected') throw each.reason;
  }

  async #estimate(station: Station): Promise<void> {
    const readings = this.#readings(station.substation);
    if (readings.size === 0) return;
    if (!station.isJudged) await this.#takePast(station, await this.#history(station));
    if (!station.isJudged) return;
    const { clock, askedSpeed } = this.#options;
    const { countsSince } = station;
    const time = clock.plant.now();
    const memory = station.memory ?? this.#startMemory(station, time);
    const answer = await this.#options.compute.run('estimate', {
      substation: station.substation.id,
      memory,
      time,
      speed: askedSpeed?.() ?? clock.speed(),
      readings,
    });
    // The sign was changed meanwhile: a judgement made under the old one is void.
    if (!this.#running || station.countsSince !== countsSince) return;
    station.memory = answer.memory;
    this.#take(station, answer.findings);
    station.state = { ...answer.state, everyS: this.#options.everyS };
  }

  #startMemory(station: Station, time: number): StationMemory {
    return startMemory(station.substation, station.findings, time - this.#headStart(station));
  }

  /** Staggers the substations' hours, so that they are not all judged at once. */
  #headStart(station: Station): number {
    return (WINDOW_MS * this.#stations.indexOf(station)) / this.#stations.length;
  }

  /** Schedules the next estimates one period after those that began at `plantTime`. */
  #schedule(plantTime: number): void {
    const { clock, everyS, onPace } = this.#options;
    const periodMs = Math.max(everyS, clock.speed()) * 1000;
    if (!this.#running) return;
    onPace?.({ plantTime, periodMs });
    this.#timer = clock.plant.after(plantTime + periodMs - clock.plant.now(), async () => {
      const begun = clock.plant.now();
      try {
        await this.#run();
      } finally {
        this.#schedule(begun);
      }
    });
  }

  /** Reads several histories in parallel; reports findings in the stations' order. */
  async #judgeAllPast(): Promise<void> {
    const histories = new Map<Station, readonly MeterFinding[] | undefined>();
    await sideBySide(this.#stations, SIDE_BY_SIDE, async (station) => {
      histories.set(station, await this.#history(station));
    });
    for (const station of this.#stations) await this.#takePast(station, histories.get(station));
  }

  /** Undefined while the store is unavailable. */
  #history({ substation }: Station): Promise<readonly MeterFinding[] | undefined> {
    return this.#byHistory(substation).catch((error: unknown) => {
      if (isStoreAway(error)) return undefined;
      throw error;
    });
  }

  async #takePast(station: Station, history: readonly MeterFinding[] | undefined): Promise<void> {
    const sent = await this.#options.sentFindings(station.substation.gateway);
    if (sent === undefined && history === undefined) return;
    station.isJudged = true;
    const findings = sent === undefined ? history! : resumedFindings(sent, history ?? []);
    station.resumed = new Set(findings.map(({ device }) => device));
    this.#take(
      station,
      findings.filter((finding) => !isOfOldSign(station, finding)),
    );
  }

  async #byHistory({ gateway, meters, network }: RegionSubstation): Promise<MeterFinding[]> {
    const { clock, store } = this.#options;
    const meter = meters.find(({ kind }) => kind === 'transformer');
    if (meter === undefined) return [];
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
    return judgeHistory({
      device: meter.device,
      ratedKva: network.transformers[0]?.ratedKva ?? 1000,
      start,
      stepS: HISTORY_STEP_S,
      activePowerKw: (power ?? []).map(({ mean }) => mean),
      ...(radiation === undefined ? {} : { radiation: radiation.map(({ mean }) => mean) }),
    });
  }

  #take(station: Station, findings: readonly MeterFinding[]): void {
    const same = (a: MeterFinding, b: MeterFinding): boolean =>
      a.device === b.device && a.finding === b.finding && a.channel === b.channel;
    const before = station.findings;
    station.findings = findings;
    station.resumed = new Set(findings.map(({ device }) => device).filter((device) => station.resumed.has(device)));
    const begun = findings.filter((finding) => !before.some((each) => same(each, finding)));
    // Both channels of a meter share one alarm, which ends with the last of them.
    const ended = before.filter(
      ({ device, finding }) => !findings.some((each) => each.device === device && each.finding === finding),
    );
    for (const finding of begun) this.#raise(station, finding, true);
    for (const finding of ended) this.#raise(station, finding, false);
    if (begun.length + ended.length > 0) this.#options.onFindings(station.substation.gateway);
  }

  /** The cloud raises no alarm for a stale meter: the gateway reports silent devices, and the link shows a silent gateway. */
  #raise({ substation }: Station, finding: MeterFinding, active: boolean): void {
    if (finding.finding === 'stale') return;
    const code = codes[finding.finding];
    this.#options.onEvent(substation.gateway, {
      time: this.#options.clock.plant.now(),
      kind: 'alarm',
      severity: 'medium',
      code,
      ...(active ? foundSays(finding) : eventSays(code, '{device} fits the others again', { device: finding.device })),
      device: finding.device,
      active,
    });
  }

  #readings({ gateway }: RegionSubstation): Readings {
    const { live } = this.#options;
    const readings = new Map<string, Partial<Record<Metric, Sample>>>();
    for (const device of live.devices(gateway)) {
      const values = live.device(gateway, device);
      const own: Partial<Record<Metric, Sample>> = {};
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
