const MOST_HEAD = 16_384;
/** What our HTTP server takes at most (Node's 16 kB), less the room for the header that is added. */
const MOST_READ = MOST_HEAD - 512;
const HEAD_END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);
/** What says that a body follows, or that the connection turns into something else. */
const MORE_THAN_A_HEAD = /[\r\n](content-length|transfer-encoding|expect|upgrade)/i;

/**
 * The head of a read of the API, where these bytes are one, whole and with nothing behind it: the only request that is understood
 * outside the HTTP server. Undefined: anything else.
 */
export function wholeRead(bytes: Buffer): string | undefined {
  if (bytes.length > MOST_READ || bytes.indexOf(HEAD_END) !== bytes.length - HEAD_END.length) return undefined;
  const head = bytes.toString('latin1');
  return head.startsWith('GET /v1/') && !MORE_THAN_A_HEAD.test(head) ? head : undefined;
}

/** A head with one header more. */
export const withHeader = (head: string, name: string, value: string): Buffer =>
  Buffer.from(`${head.slice(0, -2)}${name}: ${value}${HEAD_END}`, 'latin1');

/** An answer as it came over the wire, up to the blank line and behind it. */
export interface WireAnswer {
  /** Lines, each with its end; without the blank one. */
  readonly lines: readonly string[];
  readonly body: Buffer;
}

export interface Read {
  /** What goes on to who asked: all that came, but for a line that is meant for us. */
  readonly pass: Buffer;
  /** `unclear`: where the answer ends is not known, or the connection ends with it. */
  readonly state: 'going' | 'done' | 'unclear';
}

/**
 * Follows one answer of our own HTTP server to the end that its Content-Length says (RFC 9112, 6.3). A header line named `ours`
 * is taken out and kept.
 */
export class AnswerReader {
  readonly #ours: string;
  #head: Buffer = NOTHING;
  #lines: readonly string[] | undefined;
  #left = 0;
  readonly #body: Buffer[] = [];
  /** Value of the header that is meant for us. */
  note: string | undefined;

  constructor(ours: string) {
    this.#ours = `${ours}: `;
  }

  take(bytes: Buffer): Read {
    if (this.#lines !== undefined) return this.#takeBody(bytes, bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) {
      if (this.#head.length <= MOST_HEAD) return { pass: NOTHING, state: 'going' };
      return { pass: this.#head, state: 'unclear' };
    }
    const all = this.#head.toString('latin1', 0, end + 2).split(/(?<=\r\n)/);
    const lines = all.filter((line) => !line.startsWith(this.#ours));
    this.note = all.find((line) => line.startsWith(this.#ours))?.slice(this.#ours.length, -2);
    const rest = this.#head.subarray(end + HEAD_END.length);
    const pass = Buffer.concat([Buffer.from(`${lines.join('')}\r\n`, 'latin1'), rest]);
    const length = lengthOf(lines);
    if (length === undefined) return { pass, state: 'unclear' };
    this.#lines = lines;
    this.#left = length;
    return this.#takeBody(rest, pass);
  }

  get hasBegun(): boolean {
    return this.#head.length > 0;
  }

  /** The whole answer, once it is done. */
  get answer(): WireAnswer {
    return { lines: this.#lines ?? [], body: Buffer.concat(this.#body) };
  }

  #takeBody(bytes: Buffer, pass: Buffer): Read {
    this.#left -= bytes.length;
    if (this.note !== undefined) this.#body.push(bytes);
    return { pass, state: this.#left > 0 ? 'going' : this.#left === 0 ? 'done' : 'unclear' };
  }
}

/** Bytes of the body that follows; undefined where only the end of the connection or of the chunks would tell. */
function lengthOf(lines: readonly string[]): number | undefined {
  const [, status] = /^HTTP\/1\.1 ([2-5]\d\d) /.exec(lines[0] ?? '') ?? [];
  const value = (name: string): string | undefined =>
    lines.find((line) => line.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2, -2);
  if (status === undefined || value('connection')?.toLowerCase() === 'close') return undefined;
  if (value('transfer-encoding') !== undefined) return undefined;
  if (status === '204' || status === '304') return 0;
  const length = value('content-length');
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
