import type { RegisterTable } from './pdu.ts';

/** Adjacent registers, read by one request. */
export interface Block {
  readonly table: RegisterTable;
  readonly address: number;
  readonly count: number;
}

/** Below the protocol's limit, because some devices stop at 120. */
const MAX_BLOCK = 120;

/** The same registers as blocks that every device takes. */
export const splitBlock = ({ table, address, count }: Block): Block[] =>
  Array.from({ length: Math.ceil(count / MAX_BLOCK) }, (_, at) => ({
    table,
    address: address + at * MAX_BLOCK,
    count: Math.min(MAX_BLOCK, count - at * MAX_BLOCK),
  }));

/** Groups spans into as few requests as possible, bridging at most `gap` unwanted registers; a span is never split. */
export function blocksOf(spans: readonly Block[], gap: number): Block[] {
  const sorted = spans.toSorted((a, b) => a.table.localeCompare(b.table) || a.address - b.address);
  const blocks: Block[] = [];
  for (const span of sorted) {
    const last = blocks.at(-1);
    const end = span.address + span.count;
    const joins =
      last !== undefined &&
      last.table === span.table &&
      span.address <= last.address + last.count + gap &&
      end - last.address <= MAX_BLOCK;
    if (joins) blocks[blocks.length - 1] = { ...last, count: Math.max(last.count, end - last.address) };
    else blocks.push(span);
  }
  return blocks;
}

/** Last read registers of a device, by table and address. */
export class RegisterImage {
  readonly #words = new Map<string, number>();

  put({ table, address }: Block, words: ArrayLike<number>): void {
    for (let at = 0; at < words.length; at++) this.#words.set(`${table}${address + at}`, words[at]!);
  }

  /** Undefined if any of them was not read. */
  get({ table, address, count }: Block): number[] | undefined {
    const found: number[] = [];
    for (let at = 0; at < count; at++) {
      const word = this.#words.get(`${table}${address + at}`);
      if (word === undefined) return undefined;
      found.push(word);
    }
    return found;
  }
}
