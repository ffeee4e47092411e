import type { CommandDocument } from '../../../shared/contracts/document.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import { TimeBudget } from '../../../shared/time/time-budget.ts';
import type { DocumentNumber, DocumentStore, Unnumbered } from './document-store.ts';
import { STOP_STORE_MS } from './stop-time.ts';
import type { StopBudget } from './store-line.ts';

type Store = Pick<DocumentStore, 'addOnce' | 'epoch' | 'newestNumber' | 'raiseEpoch'>;

/** Stops that are sent while the store takes nothing, by gateway, oldest first; they are stored before any other command. */
export class UnstoredStops {
  readonly #store: Store;
  readonly #time: TimeBase;
  readonly #stops = new Map<string, CommandDocument[]>();
  /** The highest number seen of a gateway's commands: a stop is sent by it while the store does not answer. */
  readonly #last = new Map<string, DocumentNumber>();

  /** `time`: machine time. */
  constructor(store: Store, time: TimeBase) {
    this.#store = store;
    this.#time = time;
  }

  get waiting(): number {
    return this.#stops.values().reduce((sum, stops) => sum + stops.length, 0);
  }

  /** Stores the waiting stops of all gateways. Throws if the store does not take them. */
  async settle(): Promise<void> {
    for (const gateway of this.#stops.keys()) await this.keep(gateway);
  }

  async keep(gateway: string): Promise<void> {
    const stops = this.#stops.get(gateway) ?? [];
    for (let stop = stops[0]; stop !== undefined; stop = stops[0]) {
      const { epoch, sequence, ...unnumbered } = stop;
      const { document } = await this.#store.addOnce(unnumbered);
      this.note(gateway, document);
      // The gateway holds the number under which the stop was sent, so later documents must be above it.
      if (document.epoch !== epoch || document.sequence < sequence)
        this.raised(gateway, await this.#store.raiseEpoch(gateway, epoch));
      // Two callers may store it at once, and the store keeps it once.
      if (stops[0] === stop) stops.shift();
    }
  }

  /**
   * The stop with the number that it has from now on: from the store if that answers within `budget`, otherwise from what was seen. If no
   * number was seen yet, the store gets more time; throws LS-API-009 if it does not answer then.
   */
  async add(unnumbered: Unnumbered<'command'>, budget: StopBudget): Promise<CommandDocument> {
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
    if (!this.#last.has(gateway)) this.note(gateway, await this.#read(gateway));
  }

  /** Notes the number of a gateway's command. */
  note(gateway: string, { epoch, sequence }: DocumentNumber): void {
    const last = this.#last.get(gateway) ?? { epoch: 0, sequence: 0 };
    this.#last.set(gateway, { epoch: Math.max(epoch, last.epoch), sequence: Math.max(sequence, last.sequence) });
  }

  /** Notes that documents of a gateway have this epoch from now on. */
  raised(gateway: string, epoch: number): void {
    const last = this.#last.get(gateway);
    if (last !== undefined) this.#last.set(gateway, { ...last, epoch });
  }

  async #newest(gateway: string, budget: StopBudget): Promise<DocumentNumber> {
    if (!this.#last.has(gateway))
      return new TimeBudget(this.#time, STOP_STORE_MS)
        .wait(() => this.#read(gateway))
        .catch((error: unknown) => {
          const why = messageOf(error);
          throw new LoadstoneError(
            'LS-API-009',
            `no document number of ${gateway} has been read since the start, and the store does not answer: ${why}`,
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
