import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { StoredCommand } from './desk-store.ts';

/** Maximum number of expired overrides kept while no gateway has reported their end. */
const MOST_OVER = 100;

/** People's standing commands, in memory, because every gateway report and every view reads them. */
export class StandingCommands {
  readonly #overrides = new Map<string, StoredCommand>();
  /** Reports on the overrides, and on the newest stop or resume of each target. */
  readonly #stages = new Map<string, readonly DocumentReport[]>();
  /** By gateway and target. */
  readonly #stops = new Map<string, Map<string, StoredCommand>>();

  /** Records a command. Returns the newer stop or resume of its target that supersedes it, if any. */
  given(command: StoredCommand): StoredCommand | undefined {
    const { body, gateway, target } = command;
    if (body.kind === 'override') {
      this.#overrides.set(body.id, command);
      this.#stages.set(body.id, []);
    }
    if (body.kind !== 'stop' && body.kind !== 'resume') return undefined;
    const stops = this.#stops.get(gateway) ?? new Map<string, StoredCommand>();
    this.#stops.set(gateway, stops);
    const last = stops.get(target);
    if (last !== undefined && last.number > command.number) return last;
    stops.set(target, command);
    if (last !== undefined && last.body.id !== body.id) this.#stages.delete(last.body.id);
    this.#stages.set(body.id, this.stagesOf(body.id));
    return undefined;
  }

  /** A number after all stops and resumes of a target, but before the next one from the store. */
  behindAll({ gateway, target }: Pick<StoredCommand, 'gateway' | 'target'>): number {
    return (this.#stops.get(gateway)?.get(target)?.number ?? 0) + 0.001;
  }

  /** Reports only accumulate, so of two concurrent reads the longer one is newer. */
  recordStages(id: string, stages: readonly DocumentReport[]): void {
    if (this.#stages.has(id) && stages.length > this.stagesOf(id).length) this.#stages.set(id, stages);
  }

  /** A gateway reports on its own stop or resume: known at once, even if no store is available. */
  heard(gateway: string, report: DocumentReport): void {
    const { id, stage } = report;
    const stages = this.stagesOf(id);
    if (stages.some((each) => each.stage === stage)) return;
    if (this.lastStops(gateway).some(({ body }) => body.id === id)) this.#stages.set(id, [...stages, report]);
  }

  stagesOf(id: string): readonly DocumentReport[] {
    return this.#stages.get(id) ?? [];
  }

  /** A stop that its gateway has refused stays known. */
  ended(id: string): void {
    if (this.#overrides.delete(id)) this.#stages.delete(id);
  }

  /** Overrides that have not expired at `now`, newest first. */
  overrides(now: number): StoredCommand[] {
    const over = [...this.#overrides.values()].filter(({ body }) => body.expiresAt <= now);
    // The clock may be set back, so expired overrides stay until a gateway reports their end, or until there are too many.
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
