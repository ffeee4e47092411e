import type { Freshness, Mark } from './freshness.ts';
import type { WireAnswer } from './wire.ts';

/** What our HTTP server says of an answer that may be given again to the same request. */
export interface KeepNote extends Mark {
  /** The caller's cell of the rates, and its rate. */
  readonly rateCell: number;
  readonly requestsPerSecond: number;
  /** When the caller's token ends, machine time, ms UTC. */
  readonly until: number;
}

export interface KeptAnswer {
  readonly note: KeepNote;
  /** Lines that are the same each time: without the date and the rate. */
  readonly head: string;
  readonly body: Buffer;
}

const MOST_BYTES = 64_000_000;
/** What an entry takes beside its texts and its body, about. */
const ENTRY_BYTES = 1_000;
/**
 * For so long an answer is given without asking, ms of machine time. What changes it is told at once; this bounds whatever changes
 * without a word, as where another process writes to the same files.
 */
const MOST_AGE_MS = 5_000;
/** Lines that each answer has of its own. */
const OF_ITS_TIME = /^(date|ratelimit-[a-z]+): /i;

/** Answers by the whole head of their request, byte by byte: the token, the format and the tag of a cache are a part of it. */
export class KeptAnswers {
  readonly #freshness: Freshness;
  readonly #now: () => number;
  readonly #answers = new Map<string, { readonly answer: KeptAnswer; readonly until: number; readonly size: number }>();
  #bytes = 0;

  /** `now`: machine time, ms UTC. */
  constructor(freshness: Freshness, now: () => number) {
    this.#freshness = freshness;
    this.#now = now;
  }

  get(head: string): KeptAnswer | undefined {
    const kept = this.#answers.get(head);
    if (kept === undefined) return undefined;
    if (this.#now() < kept.until && this.#freshness.isFresh(kept.answer.note)) return kept.answer;
    this.#forget(head);
    return undefined;
  }

  put(head: string, note: KeepNote, { lines, body }: WireAnswer): void {
    this.#forget(head);
    // Of its own: a slice would hold the whole pool that it was cut from.
    const own = Buffer.allocUnsafeSlow(body.length);
    body.copy(own);
    const answer = { note, head: lines.filter((line) => !OF_ITS_TIME.test(line)).join(''), body: own };
    const size = 2 * head.length + 2 * answer.head.length + body.length + ENTRY_BYTES;
    const until = Math.min(note.until, this.#now() + MOST_AGE_MS);
    this.#answers.set(head, { answer, until, size });
    this.#bytes += size;
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#forget(oldest);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  #forget(head: string): void {
    this.#bytes -= this.#answers.get(head)?.size ?? 0;
    this.#answers.delete(head);
  }
}
