import { canPack, packAcknowledgement } from '../../shared/codec/packed-acknowledgement.ts';
import { encodeJson } from './messages.ts';
import type { Accounted, Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import type { Reads } from '../../shared/contracts/reads.ts';
import type { Link } from '../../shared/ports/link.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { topicFor, topicTable } from '../../shared/topics/topics.ts';
import type { LedgerEntry } from './entries.ts';
import type { Ledger } from './ledger.ts';
import { isStoreAway } from '../telemetry/store-away.ts';

/** The current run of each stream is acknowledged at least this often. A gateway that misses one sooner asks for it. */
const REPEAT_MS = 60_000;
/** Each refusal is repeated in this many acknowledgements, because any of them may get lost. */
const REFUSAL_REPEATS = 3;
const MAX_REFUSED = 200;
/** Maximum number of runs that one heartbeat covers. */
const MAX_COVERED = 16;

interface Refusal {
  readonly offset: number;
  readonly code: string;
  left: number;
}

interface Desk {
  readonly gateway: string;
  readonly stream: Stream;
  readonly run: number;
  dirty: boolean;
  sentAt: number;
  refused: Refusal[];
}

type RunKey = Pick<LedgerEntry, 'gateway' | 'stream' | 'run'>;

/** Acknowledges to gateways what is accounted for: each second while something changes, and at least every 60 s. */
export class Acknowledger {
  readonly #link: Link;
  readonly #ledger: Pick<Ledger, 'coverage' | 'synced'>;
  readonly #machine: TimeBase;
  readonly #desks = new Map<string, Desk>();
  /** The newest run of each gateway's stream. */
  readonly #current = new Map<string, Desk>();

  /** Coverage that was acknowledged but that no heartbeat has confirmed yet, by gateway, then by stream and run. */
  readonly #unconfirmed = new Map<string, Map<string, Accounted>>();
  readonly #reads: (gateway: string) => Reads;
  #onSent: ((gateway: string, acknowledgement: Acknowledgement) => void) | undefined;

  constructor(
    link: Link,
    ledger: Pick<Ledger, 'coverage' | 'synced'>,
    machine: TimeBase,
    reads: (gateway: string) => Reads,
  ) {
    this.#reads = reads;
    this.#link = link;
    this.#ledger = ledger;
    this.#machine = machine;
  }

  /** Calls `listener` for each acknowledgement that the broker accepted. */
  listen(listener: (gateway: string, acknowledgement: Acknowledgement) => void): void {
    this.#onSent = listener;
  }

  /** Marks the run for the next turn: something of it was received or accounted for. */
  touch(key: RunKey): void {
    this.#desk(key).dirty = true;
  }

  /** Makes this run the current one of its gateway's stream. */
  current(key: RunKey): void {
    this.#current.set(`${key.gateway}/${key.stream}`, this.#desk(key));
  }

  /** Takes entries that are now accounted for, stored or refused. */
  accounted(entries: readonly LedgerEntry[]): void {
    let last: LedgerEntry | undefined;
    for (const entry of entries) {
      const { gateway, stream, run, offset, code } = entry;
      if (last?.run !== run || last.gateway !== gateway || last.stream !== stream) this.touch(entry);
      if (code !== undefined) this.#refused(this.#desk(entry), offset, code);
      last = entry;
    }
  }

  #refused(desk: Desk, offset: number, code: string): void {
    if (desk.refused.some((refusal) => refusal.offset === offset)) return;
    desk.refused.push({ offset, code, left: REFUSAL_REPEATS });
    if (desk.refused.length > MAX_REFUSED) desk.refused.shift();
  }

  /**
   * Sends what is due; called each second of machine time. Nothing is acknowledged while the ledger cannot be stored; the next recording
   * reports why.
   */
  async turn(): Promise<void> {
    if (!this.#link.connected) return;
    const now = this.#machine.elapsed();
    const letters: { readonly desk: Desk; readonly acknowledgement: Acknowledgement }[] = [];
    for (const [key, desk] of this.#desks) {
      const current = this.#current.get(`${desk.gateway}/${desk.stream}`) === desk;
      const due = desk.dirty || desk.refused.length > 0 || (current && now - desk.sentAt >= REPEAT_MS);
      if (due) letters.push({ desk, acknowledgement: this.#write(desk, now) });
      // An old run is dropped once acknowledged; new data brings it back.
      else if (!current) this.#desks.delete(key);
    }
    if (letters.length === 0) return;
    try {
      await this.#ledger.synced();
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      for (const { desk } of letters) desk.dirty = true;
      return;
    }
    for (const { desk, acknowledgement } of letters) await this.#send(desk, acknowledgement);
  }

  #write(desk: Desk, now: number): Acknowledgement {
    const { gateway, stream, run } = desk;
    const refused = desk.refused.map(({ offset, code }) => ({ offset, code }));
    const { upTo, ranges } = this.#ledger.coverage(gateway, stream, run);
    desk.dirty = false;
    desk.sentAt = now;
    return { version: 1, stream, run, upTo, ranges: ranges.map(([a, b]) => [a, b]), refused };
  }

  async #send(desk: Desk, acknowledgement: Acknowledgement): Promise<void> {
    const { qos } = topicTable.acknowledgement;
    const topic = topicFor('acknowledgement', desk.gateway);
    const packs = canPack(acknowledgement) && this.#reads(desk.gateway).packedAcknowledgements === true;
    const payload = packs ? packAcknowledgement(acknowledgement) : encodeJson(acknowledgement);
    const sent = await this.#link.publish(topic, payload, { qos });
    this.#note(desk.gateway, acknowledgement);
    if (!sent) desk.dirty = true;
    // Only the refusals in this acknowledgement count as sent; later ones wait for the next.
    else {
      this.#onSent?.(desk.gateway, acknowledgement);
      const sentOffsets = new Set(acknowledgement.refused.map(({ offset }) => offset));
      desk.refused = desk.refused.filter((refusal) => !sentOffsets.has(refusal.offset) || --refusal.left > 0);
    }
  }

  /**
   * Coverage for the next signed heartbeat to a gateway that reads it there. If the heartbeat gets lost, the next acknowledgement lists it
   * again.
   */
  covered(gateway: string): Accounted[] {
    const unconfirmed = this.#unconfirmed.get(gateway);
    this.#unconfirmed.delete(gateway);
    return [...(unconfirmed?.values() ?? [])];
  }

  #note(gateway: string, { stream, run, upTo, ranges }: Acknowledgement): void {
    if (this.#reads(gateway).keyGeneration === undefined) return;
    let unconfirmed = this.#unconfirmed.get(gateway);
    if (unconfirmed === undefined) this.#unconfirmed.set(gateway, (unconfirmed = new Map()));
    const key = `${stream}/${run}`;
    if (unconfirmed.size < MAX_COVERED || unconfirmed.has(key)) unconfirmed.set(key, { stream, run, upTo, ranges });
  }

  #desk({ gateway, stream, run }: RunKey): Desk {
    const key = `${gateway}/${stream}/${run}`;
    let desk = this.#desks.get(key);
    if (desk === undefined) {
      desk = { gateway, stream, run, dirty: true, sentAt: -Infinity, refused: [] };
      this.#desks.set(key, desk);
    }
    return desk;
  }
}
