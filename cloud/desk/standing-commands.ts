import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { KeptCommand } from './desk-store.ts';

/** What stands of people's commands, in memory: it is asked for at each report of a gateway and in each view. */
export class StandingCommands {
  readonly #overrides = new Map<string, KeptCommand>();
  /** What was told of the overrides. */
  readonly #ways = new Map<string, readonly DocumentReport[]>();
  /** By gateway and target. */
  readonly #stops = new Map<string, Map<string, KeptCommand>>();

  given(command: KeptCommand): void {
    const { body, gateway, target } = command;
    if (body.kind === 'override') this.#overrides.set(body.id, command);
    if (body.kind !== 'stop' && body.kind !== 'resume') return;
    const stops = this.#stops.get(gateway) ?? new Map<string, KeptCommand>();
    this.#stops.set(gateway, stops);
    if ((stops.get(target)?.number ?? 0) < command.number) stops.set(target, command);
  }

  /** A way only grows: of two that were read beside one another the longer one is the newer. */
  told(id: string, way: readonly DocumentReport[]): void {
    if (this.#overrides.has(id) && way.length > this.wayOf(id).length) this.#ways.set(id, way);
  }

  wayOf(id: string): readonly DocumentReport[] {
    return this.#ways.get(id) ?? [];
  }

  ended(id: string): void {
    this.#overrides.delete(id);
    this.#ways.delete(id);
  }

  /** Not over at `now`, newest first. */
  overrides(now: number): KeptCommand[] {
    for (const [id, { body }] of this.#overrides) if (body.expiresAt <= now) this.ended(id);
    return [...this.#overrides.values()].toSorted((a, b) => b.number - a.number);
  }

  /** The newest stop or resume of each target at a gateway. */
  lastStops(gateway: string): KeptCommand[] {
    return [...(this.#stops.get(gateway)?.values() ?? [])];
  }
}
