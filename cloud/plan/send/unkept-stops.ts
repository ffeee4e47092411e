import type { CommandDocument } from '../../../shared/contracts/document.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import { TimeBudget } from '../../../shared/time/time-budget.ts';
import type { DocumentNumber, DocumentStore, Unnumbered } from './document-store.ts';
import { STOP_STORE_MS } from './stop-time.ts';

type Store = Pick<DocumentStore, 'addOnce' | 'epoch' | 'newestNumber' | 'raiseEpoch'>;

/** Stops that go out while the store takes nothing, by gateway, oldest first: it keeps them before any other command. */
export class UnkeptStops {
  readonly #store: Store;
  readonly #time: TimeBase;
  readonly #stops = new Map<string, CommandDocument[]>();
  /** The number of a gateway's newest command, as far as it was seen: a stop goes out by it while the store answers nothing at all. */
  readonly #last = new Map<string, DocumentNumber>();

  /** `time`: of the machine. */
  constructor(store: Store, time: TimeBase) {
    this.#store = store;
    this.#time = time;
  }

  get waiting(): number {
    return this.#stops.values().reduce((sum, stops) => sum + stops.length, 0);
  }

  /** Keeps what waits for all gateways. Throws where the store does not take it. */
  async settle(): Promise<void> {
    for (const gateway of this.#stops.keys()) await this.keep(gateway);
  }

  async keep(gateway: string): Promise<void> {
    const stops = this.#stops.get(gateway) ?? [];
    for (let stop = stops[0]; stop !== undefined; stop = stops[0]) {
      const { epoch, sequence, ...unnumbered } = stop;
      const { document } = await this.#store.addOnce(unnumbered);
      this.saw(gateway, document);
      // Its gateway holds the number under which it went out: what comes behind it must be above.
      if (document.epoch !== epoch || document.sequence < sequence)
        this.raised(gateway, await this.#store.raiseEpoch(gateway, epoch));
      // Two may keep it at once, and the store keeps it once.
      if (stops[0] === stop) stops.shift();
    }
  }

  /**
   * The stop under the number that it has from now on: that of the store where it answers within `budget`, else what was seen. Where no
   * number was seen yet the store has time once more, and it throws LS-API-009 where that answers nothing.
   */
  async add(unnumbered: Unnumbered<'command'>, budget: TimeBudget): Promise<CommandDocument> {
    const { gateway } = unnumbered;
    const { epoch, sequence } = await this.#newest(gateway, budget);
    const stops = this.#stops.get(gateway) ?? [];
    const known = stops.find(({ body }) => body.id === unnumbered.body.id);
    if (known !== undefined) return known;
    const stop = { ...unnumbered, epoch, sequence: Math.max(sequence, stops.at(-1)?.sequence ?? 0) + 1 };
    stops.push(stop);
    this.#stops.set(gateway, stops);
    return stop;
  }

  /** Reads the number of a gateway's newest command, once. */
  async learn(gateway: string): Promise<void> {
    if (!this.#last.has(gateway)) this.saw(gateway, await this.#read(gateway));
  }

  /** A command of a gateway has this number. */
  saw(gateway: string, { epoch, sequence }: DocumentNumber): void {
    const last = this.#last.get(gateway) ?? { epoch: 0, sequence: 0 };
    this.#last.set(gateway, { epoch: Math.max(epoch, last.epoch), sequence: Math.max(sequence, last.sequence) });
  }

  /** Documents of a gateway have this epoch from now on. */
  raised(gateway: string, epoch: number): void {
    const last = this.#last.get(gateway);
    if (last !== undefined) this.#last.set(gateway, { ...last, epoch });
  }

  async #newest(gateway: string, budget: TimeBudget): Promise<DocumentNumber> {
    if (!this.#last.has(gateway))
      return new TimeBudget(this.#time, STOP_STORE_MS)
        .wait(() => this.#read(gateway))
        .catch((error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          throw new LoadstoneError(
            'LS-API-009',
            `no number of ${gateway} was read since the start, and its store: ${why}`,
          );
        });
    return budget.wait(() => this.#read(gateway)).catch(() => this.#last.get(gateway)!);
  }

  async #read(gateway: string): Promise<DocumentNumber> {
    const epoch = await this.#store.epoch(gateway);
    const newest = await this.#store.newestNumber('command', gateway);
    return { epoch, sequence: newest?.sequence ?? 0 };
  }
}
