import type { KeptCommand } from './desk-store.ts';

/** What stands of people's commands, in memory: it is asked for at each report of a gateway and in each view. */
export class StandingCommands {
  readonly #overrides = new Map<string, KeptCommand>();
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

  ended(id: string): void {
    this.#overrides.delete(id);
  }

  /** Not over at `now`, newest first. */
  overrides(now: number): KeptCommand[] {
    for (const [id, { body }] of this.#overrides) if (body.expiresAt <= now) this.#overrides.delete(id);
    return [...this.#overrides.values()].toSorted((a, b) => b.number - a.number);
  }

  /** The newest stop or resume of each target at a gateway. */
  lastStops(gateway: string): KeptCommand[] {
    return [...(this.#stops.get(gateway)?.values() ?? [])];
  }
}
