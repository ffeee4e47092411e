import type { Region } from '../../shared/contracts/region.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { LiveState } from '../telemetry/live.ts';
import type { ChangeFeed } from './change-feed.ts';
import { SHOWN_METRICS, type Entries, type LedgerCounts, type Pace } from './entries.ts';
import type { RoleNotice } from './notice.ts';

export interface FeedWriterOptions {
  readonly feed: ChangeFeed<RoleNotice>;
  readonly region: Region;
  readonly clock: Clock;
  /** All forecast targets. */
  readonly targets: readonly string[];
  readonly live: Pick<LiveState, 'takeChanged' | 'device'>;
  estimate(substation: string): Entries['estimate'] | undefined;
  findings(substation: string): Entries['findings'];
  plan(substation: string): Entries['plan'] | undefined;
  forecast(target: string): Entries['forecast'] | undefined;
  link(gateway: string): Entries['link'];
  health(gateway: string): Entries['health'] | undefined;
  alarmCount(gateway: string): number;
  ledger(gateway: string): LedgerCounts;
  alarms(): Entries['alarms'];
  areas(): Entries['areas'];
  overrides(): Entries['overrides'];
  people(): Entries['people'];
  presence(): Entries['presence'];
  pace(): Pace;
  /** How plant time follows the simulated plant; undefined without one. */
  timeLine(): Entries['timeLine'] | undefined;
  /** Called when state cannot be read. The feed keeps the old value, and the next look tries again. */
  onFailure(error: unknown): void;
}

/** Returns undefined if the device has no shown metric. */
function shownOf(values: ReturnType<LiveState['device']>): Entries['live'] | undefined {
  const shown = SHOWN_METRICS.flatMap((metric) => {
    const value = values.get(metric);
    return value === undefined ? [] : [[metric, value] as const];
  });
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}

const LOOK_MS = 250;
const SLOW_LOOK_MS = 1_000;

/**
 * Writes the cloud's state into the feed. In-memory state is compared four times a second and before each answer to the api role, costlier
 * state once a second. A plan is read again after a notice about it.
 */
export class FeedWriter {
  readonly #options: FeedWriterOptions;
  readonly #plans: Set<string>;
  #timers: Timer[] = [];

  constructor(options: FeedWriterOptions) {
    this.#options = options;
    this.#plans = new Set(options.region.substations.map(({ id }) => id));
  }

  start(): void {
    const { machine } = this.#options.clock;
    this.#lookSlowly();
    this.look();
    this.#timers = [every(machine, LOOK_MS, () => this.look()), every(machine, SLOW_LOOK_MS, () => this.#lookSlowly())];
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  /** Publishes a notice, after the state that it is about. */
  tell(notice: RoleNotice): void {
    if (notice.kind === 'plan') this.#plans.add(notice.data.substation);
    if (notice.kind === 'command') this.#released(() => this.#overrides());
    this.look();
    this.#options.feed.tell(notice);
    this.#options.feed.release();
  }

  /** Brings the feed up to date. */
  look(): void {
    this.#released(() => this.#compare());
  }

  #compare(): void {
    const { feed, region, targets, live } = this.#options;
    feed.set('timeLine', '', this.#options.timeLine());
    feed.set('presence', '', this.#options.presence());
    feed.set('people', '', this.#options.people());
    for (const { gateway, device } of live.takeChanged())
      feed.set('live', `${gateway}/${device}`, shownOf(live.device(gateway, device)));
    for (const { id, gateway } of region.substations) {
      feed.set('estimate', id, this.#options.estimate(id));
      feed.set('findings', id, this.#options.findings(id));
      feed.set('link', gateway, this.#options.link(gateway));
      feed.set('health', gateway, this.#options.health(gateway));
    }
    for (const target of targets) feed.set('forecast', target, this.#options.forecast(target));
    for (const substation of this.#plans) feed.set('plan', substation, this.#options.plan(substation));
    this.#plans.clear();
  }

  #lookSlowly(): void {
    this.#released(() => this.#compareSlowly());
  }

  /** Wakes waiting readers after a change. An error in a store reaches neither the reader nor the source of the notice. */
  #released(compare: () => void): void {
    const { feed } = this.#options;
    const before = feed.position;
    try {
      compare();
    } catch (error) {
      this.#options.onFailure(error);
    }
    if (feed.position > before) feed.release();
  }

  #compareSlowly(): void {
    const { feed, region } = this.#options;
    for (const { gateway } of region.substations) {
      feed.set('alarmCount', gateway, this.#options.alarmCount(gateway));
      feed.set('ledger', gateway, this.#options.ledger(gateway));
    }
    feed.set('alarms', '', this.#options.alarms());
    feed.set('areas', '', this.#options.areas());
    feed.set('pace', '', this.#options.pace());
    this.#overrides();
  }

  #overrides(): void {
    this.#options.feed.set('overrides', '', this.#options.overrides());
  }
}
