import { encodeRebirthCommand } from '../../shared/codec/sparkplug.ts';
import type { Link } from '../../shared/ports/link.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { sparkplugTopic } from '../../shared/topics/topics.ts';
import type { NodeTable } from './births.ts';

export interface RebirthsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly group: string;
  /** As `IngestOptions.reorderS`. */
  readonly reorderS?: number | undefined;
}

const REBIRTH_MS = 10_000;
const REORDER_S = 2;

interface Asked {
  /** Time of the last request, ms on the monotonic clock. */
  at: number;
  /** Runs while a message of the node's sequence is missing. */
  reordering: Timer | undefined;
}

/** Requests births from nodes if they are unknown, or if a missing message may have been one. */
export class Rebirths {
  readonly #options: RebirthsOptions;
  readonly #asked = new Map<string, Asked>();
  #count = 0;

  constructor(options: RebirthsOptions) {
    this.#options = options;
  }

  /** Number of rebirth requests. */
  get count(): number {
    return this.#count;
  }

  /** Checks the sequence. A missing message may be a birth: if it does not come in time, all births are requested. */
  inSequence(table: NodeTable, seq: number | undefined): void {
    table.sequence.take(seq);
    if (!table.sequence.broken) return this.waitsNoMore(table);
    const asked = this.#of(table);
    asked.reordering ??= this.#giveUpAfter(table, asked, (this.#options.reorderS ?? REORDER_S) * 1000);
  }

  /** Stops waiting: the node has died or has repeated all its births. */
  waitsNoMore({ gateway }: NodeTable): void {
    const asked = this.#asked.get(gateway);
    if (asked === undefined) return;
    asked.reordering?.cancel();
    asked.reordering = undefined;
  }

  /** Requests a rebirth, at most once in 10 s per node. */
  async ask(table: NodeTable): Promise<void> {
    const { clock, link, group } = this.#options;
    const asked = this.#of(table);
    const now = clock.machine.elapsed();
    if (now - asked.at < REBIRTH_MS) return;
    asked.at = now;
    this.#count++;
    const topic = sparkplugTopic(group, 'NCMD', table.gateway);
    await link.publish(topic, encodeRebirthCommand(Math.floor(clock.plant.now())), { qos: 0 });
  }

  stop(): void {
    for (const { reordering } of this.#asked.values()) reordering?.cancel();
    this.#asked.clear();
  }

  #giveUpAfter(table: NodeTable, asked: Asked, delayMs: number): Timer {
    const { machine } = this.#options.clock;
    return machine.after(delayMs, async () => {
      const tooSoonMs = asked.at + REBIRTH_MS - machine.elapsed();
      asked.reordering = tooSoonMs > 0 ? this.#giveUpAfter(table, asked, tooSoonMs) : undefined;
      if (tooSoonMs > 0) return;
      table.sequence.giveUp();
      await this.ask(table);
    });
  }

  #of({ gateway }: NodeTable): Asked {
    let asked = this.#asked.get(gateway);
    if (asked === undefined) {
      asked = { at: -Infinity, reordering: undefined };
      this.#asked.set(gateway, asked);
    }
    return asked;
  }
}
