import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import {
  compileEstimate,
  estimate,
  type Asked,
  type EstimateInput,
  type EstimateModel,
  type Readings,
} from './estimate.ts';
import { judgeLive, startLive, type LiveMeterState } from './meter-live.ts';
import type { EstimateState, Exchange, MeterFinding } from './state.ts';
import { exchanged } from './topologies.ts';
import { findingsOf, startWatch, watch, type Watch } from './watch.ts';

/** State of a substation between two estimates. */
export interface StationMemory {
  readonly live: LiveMeterState;
  readonly watch: Watch;
  /** When the best places for a further meter were last determined, ms UTC, and for which exchange of lines. */
  readonly placed?: { readonly at: number; readonly key: string; readonly nextMeters: EstimateState['nextMeters'] };
}

export interface EstimateTask {
  readonly substation: string;
  readonly memory: StationMemory;
  /** Plant time, ms UTC. */
  readonly time: number;
  /** Requested plant seconds per machine second. */
  readonly speed: number;
  readonly readings: Readings;
}

/** An estimate of past readings with the findings and the exchange of that time. */
export interface ReplayTask extends Omit<EstimateTask, 'memory'> {
  readonly findings: readonly MeterFinding[];
  readonly exchange: Exchange | undefined;
}

export interface EstimateAnswer {
  readonly memory: StationMemory;
  readonly findings: readonly MeterFinding[];
  readonly state: EstimateState;
}

/**
 * Starts with what is known of the meters. Running readings judge the findings about the transformer and dead heads; the hourly residuals
 * judge all others. The first hour began at `since`, ms UTC.
 */
export function startMemory(
  { meters }: Pick<RegionSubstation, 'meters'>,
  findings: readonly MeterFinding[],
  since: number,
): StationMemory {
  const isLive = ({ device, finding }: MeterFinding): boolean => {
    const kind = meters.find((meter) => meter.device === device)?.kind;
    return kind === 'transformer' || (kind === 'feeder-head' && finding === 'dead');
  };
  return {
    live: startLive(findings.filter(isLive)),
    watch: startWatch(
      since,
      findings.filter((finding) => !isLive(finding)),
    ),
  };
}

/** The estimate's tasks by name, for its own thread or the caller's. Only compiled models persist between tasks. */
export function estimateTasks(substations: readonly RegionSubstation[]) {
  const models = substations.map((substation) => new StationModels(substation));
  const modelsOf = (substation: string): StationModels => {
    const own = models.find(({ id }) => id === substation);
    if (own === undefined) throw new LoadstoneError('LS-GRID-003', `there is no substation "${substation}"`);
    return own;
  };
  return {
    /** Judges meters and switches by the newest readings, then estimates without the faulty ones. LS-GRID-003: no such substation. */
    estimate: ({ substation, memory, time, speed, readings }: EstimateTask): EstimateAnswer => {
      const own = modelsOf(substation);
      const judged = judgeLive(own.substation, memory.live, { time, speed, readings });
      const before = own.at(memory.watch.exchange);
      const watched = watch(before, memory.watch, { time, readings, known: judged.findings });
      const besides = (more: readonly MeterFinding[]): readonly MeterFinding[] => [
        ...judged.findings,
        ...more.filter(({ device }) => !judged.findings.some((each) => each.device === device)),
      ];
      // A suspicion is reported, and the estimate stays unchanged.
      const input = { time, speed, readings, findings: besides(watched.findings) };
      const key = exchangeKey(watched.exchange);
      const isPlaced = memory.placed?.key === key && time < memory.placed.at + PLACES_LAST_MS;
      const fresh = own.estimate(watched.exchange, input, { nextMeters: !isPlaced });
      const placed = isPlaced || !fresh.converged ? memory.placed : { at: time, key, nextMeters: fresh.nextMeters };
      const state = placed?.nextMeters === undefined ? fresh : { ...fresh, nextMeters: placed.nextMeters };
      return {
        memory: { live: judged.state, watch: watched, ...(placed === undefined ? {} : { placed }) },
        findings: besides(findingsOf(watched)),
        state,
      };
    },
    replay: ({ substation, exchange, ...input }: ReplayTask): EstimateState =>
      modelsOf(substation).estimate(exchange, input),
  };
}
export type EstimateTasks = ReturnType<typeof estimateTasks>;

/** The best places for a further meter change slowly: with the load, not with a reading. */
const PLACES_LAST_MS = 3_600_000;

const exchangeKey = (exchange: Watch['exchange']): string =>
  exchange === undefined ? '' : `${exchange.open} ${exchange.close}`;

/** The models of a substation: with its switches as configured, and as the meters say. */
class StationModels {
  readonly id: string;
  readonly substation: RegionSubstation;
  readonly #configured: EstimateModel;
  #exchanged: { readonly key: string; readonly model: EstimateModel } | undefined;

  constructor(substation: RegionSubstation) {
    this.id = substation.id;
    this.substation = substation;
    this.#configured = compileEstimate(substation);
  }

  estimate(exchange: Watch['exchange'], input: EstimateInput, asked: Asked = {}): EstimateState {
    const state = estimate(this.at(exchange), input, asked);
    return exchange === undefined ? state : { ...state, exchange };
  }

  at(exchange: Watch['exchange']): EstimateModel {
    if (exchange === undefined) return this.#configured;
    const key = exchangeKey(exchange);
    if (this.#exchanged?.key !== key) this.#exchanged = { key, model: exchanged(this.#configured, exchange) };
    return this.#exchanged.model;
  }
}
