import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { StoredCommand } from './desk-store.ts';

/** Overrides whose time has run out and whose end nobody has told: so many are remembered. */
const MOST_OVER = 100;

/** Standing commands of people, in memory: they are read at each gateway report and in each view. */
export class StandingCommands {
  readonly #overrides = new Map<string, StoredCommand>();
  /** What was told of the overrides, and of the newest stop or resume of each target. */
  readonly #ways = new Map<string, readonly DocumentReport[]>();
  /** By gateway and target. */
  readonly #stops = new Map<string, Map<string, StoredCommand>>();

  /** Undefined, or the newer stop or resume of its target that a stop or resume is behind. */
  given(command: StoredCommand): StoredCommand | undefined {
    const { body, gateway, target } = command;
    if (body.kind === 'override') {
      this.#overrides.set(body.id, command);
      this.#ways.set(body.id, []);
    }
    if (body.kind !== 'stop' && body.kind !== 'resume') return undefined;
    const stops = this.#stops.get(gateway) ?? new Map<string, StoredCommand>();
    this.#stops.set(gateway, stops);
    const last = stops.get(target);
    if (last !== undefined && last.number > command.number) return last;
    stops.set(target, command);
    if (last !== undefined && last.body.id !== body.id) this.#ways.delete(last.body.id);
    this.#ways.set(body.id, this.wayOf(body.id));
    return undefined;
  }

  /** A number behind those of all stops and resumes of a target, and before the one that its store gives next. */
  behindAll({ gateway, target }: Pick<StoredCommand, 'gateway' | 'target'>): number {
    return (this.#stops.get(gateway)?.get(target)?.number ?? 0) + 0.001;
  }

  /** A way only grows: of two that were read beside one another the longer one is the newer. */
  told(id: string, way: readonly DocumentReport[]): void {
    if (this.#ways.has(id) && way.length > this.wayOf(id).length) this.#ways.set(id, way);
  }

  /** A gateway tells of a stop or resume of its own: known at once, also where no store takes it now. */
  heard(gateway: string, report: DocumentReport): void {
    const { id, stage } = report;
    const way = this.wayOf(id);
    if (way.some((each) => each.stage === stage)) return;
    if (this.lastStops(gateway).some(({ body }) => body.id === id)) this.#ways.set(id, [...way, report]);
  }

  wayOf(id: string): readonly DocumentReport[] {
    return this.#ways.get(id) ?? [];
  }

  /** Of a stop that its gateway has refused it stays known. */
  ended(id: string): void {
    if (this.#overrides.delete(id)) this.#ways.delete(id);
  }

  /** Not over at `now`, newest first. */
  overrides(now: number): StoredCommand[] {
    const over = [...this.#overrides.values()].filter(({ body }) => body.expiresAt <= now);
    // By a clock that may be set back: a gateway tells the end of each, or none will.
    for (const { body } of over.slice(0, Math.max(0, over.length - MOST_OVER))) this.ended(body.id);
    return [...this.#overrides.values()]
      .filter(({ body }) => body.expiresAt > now)
      .toSorted((a, b) => b.number - a.number);
  }

  /** The newest stop or resume of each target at a gateway. */
  lastStops(gateway: string): StoredCommand[] {
    return [...(this.#stops.get(gateway)?.values() ?? [])];
  }
}
