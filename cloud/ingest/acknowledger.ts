import { encodeJson } from './messages.ts';
import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import type { Link } from '../../shared/ports/link.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { topicFor, topicTable } from '../../shared/topics/topics.ts';
import type { LedgerEntry } from './entries.ts';
import type { Ledger } from './ledger.ts';

/** A run is acknowledged this often at least, while it is its gateway's current one. */
const REPEAT_MS = 10_000;
/** A refusal is named in this many acknowledgements, since any one may get lost. */
const REFUSAL_REPEATS = 3;
const MAX_REFUSED = 200;

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

/** Tells the gateways what is accounted for: each second while something changes, each 10 s at least. */
export class Acknowledger {
  readonly #link: Link;
  readonly #ledger: Ledger;
  readonly #machine: TimeBase;
  readonly #desks = new Map<string, Desk>();
  /** The newest run of each gateway's stream. */
  readonly #current = new Map<string, Desk>();

  constructor(link: Link, ledger: Ledger, machine: TimeBase) {
    this.#link = link;
    this.#ledger = ledger;
    this.#machine = machine;
  }

  /** Something of this run came, or is accounted for: its gateway is told at the next turn. */
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

  /** One turn; call it each second of machine time. */
  async turn(): Promise<void> {
    if (!this.#link.connected) return;
    const now = this.#machine.elapsed();
    for (const [key, desk] of this.#desks) {
      const current = this.#current.get(`${desk.gateway}/${desk.stream}`) === desk;
      const due = desk.dirty || desk.refused.length > 0 || (current && now - desk.sentAt >= REPEAT_MS);
      if (due) await this.#send(desk, now);
      // Old runs are forgotten once told; what comes of them makes them known again.
      if (!current && !desk.dirty && desk.refused.length === 0) this.#desks.delete(key);
    }
  }

  async #send(desk: Desk, now: number): Promise<void> {
    const { gateway, stream, run } = desk;
    const refused = desk.refused.map(({ offset, code }) => ({ offset, code }));
    const { upTo, ranges } = this.#ledger.coverage(gateway, stream, run);
    const acknowledgement: Acknowledgement = {
      version: 1,
      stream,
      run,
      upTo,
      ranges: ranges.map(([a, b]) => [a, b]),
      refused,
    };
    desk.dirty = false;
    desk.sentAt = now;
    const { qos } = topicTable.acknowledgement;
    const sent = await this.#link.publish(topicFor('acknowledgement', gateway), encodeJson(acknowledgement), { qos });
    if (!sent) desk.dirty = true;
    else desk.refused = desk.refused.filter((refusal) => --refusal.left > 0);
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
