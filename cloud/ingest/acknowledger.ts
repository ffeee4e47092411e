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

/** A run is acknowledged this often at least, while it is its gateway's current one. What was lost sooner, its gateway asks for. */
const REPEAT_MS = 60_000;
/** A refusal is named in this many acknowledgements, since any one may get lost. */
const REFUSAL_REPEATS = 3;
const MAX_REFUSED = 200;
/** Runs that one heartbeat vouches for. */
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

/** Tells the gateways what is accounted for: each second while something changes, each 60 s at least. */
export class Acknowledger {
  readonly #link: Link;
  readonly #ledger: Pick<Ledger, 'coverage' | 'synced'>;
  readonly #machine: TimeBase;
  readonly #desks = new Map<string, Desk>();
  /** The newest run of each gateway's stream. */
  readonly #current = new Map<string, Desk>();

  /** What was acknowledged to a gateway and no heartbeat has vouched for yet, by stream and run. */
  readonly #untold = new Map<string, Map<string, Accounted>>();
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

  /** Calls with each acknowledgement that the broker has. */
  listen(listener: (gateway: string, acknowledgement: Acknowledgement) => void): void {
    this.#onSent = listener;
  }

  /** Something of this run was received or accounted for. Its gateway is told at the next turn. */
  touch(key: RunKey): void {
    this.#desk(key).dirty = true;
  }

  /** This run is its gateway's current one. */
  current(key: RunKey): void {
    this.#current.set(`${key.gateway}/${key.stream}`, this.#desk(key));
  }

  /** These are accounted for from now on, stored or refused. */
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
   * One turn, called each second of machine time. While the account cannot be stored, nothing is acknowledged; the next recording reports
   * why.
   */
  async turn(): Promise<void> {
    if (!this.#link.connected) return;
    const now = this.#machine.elapsed();
    const letters: { readonly desk: Desk; readonly acknowledgement: Acknowledgement }[] = [];
    for (const [key, desk] of this.#desks) {
      const current = this.#current.get(`${desk.gateway}/${desk.stream}`) === desk;
      const due = desk.dirty || desk.refused.length > 0 || (current && now - desk.sentAt >= REPEAT_MS);
      if (due) letters.push({ desk, acknowledgement: this.#write(desk, now) });
      // Old runs are dropped once acknowledged. New data of theirs brings them back.
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
    // Refusals since it was written were not sent with it.
    else {
      this.#onSent?.(desk.gateway, acknowledgement);
      const sentOffsets = new Set(acknowledgement.refused.map(({ offset }) => offset));
      desk.refused = desk.refused.filter((refusal) => !sentOffsets.has(refusal.offset) || --refusal.left > 0);
    }
  }

  /** For the next heartbeat to a gateway that looks for it there. What does not reach it is acknowledged and told again. */
  covered(gateway: string): Accounted[] {
    const untold = this.#untold.get(gateway);
    this.#untold.delete(gateway);
    return [...(untold?.values() ?? [])];
  }

  #note(gateway: string, { stream, run, upTo, ranges }: Acknowledgement): void {
    if (this.#reads(gateway).keyGeneration === undefined) return;
    let untold = this.#untold.get(gateway);
    if (untold === undefined) this.#untold.set(gateway, (untold = new Map()));
    const key = `${stream}/${run}`;
    if (untold.size < MAX_COVERED || untold.has(key)) untold.set(key, { stream, run, upTo, ranges });
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
