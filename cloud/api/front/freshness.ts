const CELLS = 4096;
/** The first cell stands for everybody's rights; the others are shared by targets. */
const RIGHTS = 0;

/** How often what an answer was made of had changed when it was made. */
export interface Mark {
  readonly cell: number;
  readonly turn: number;
  readonly rights: number;
}

/**
 * Tells the thread that keeps answers, at once, that what they were made of has changed: one counter for rights and one for each
 * target, in memory that both threads see. Targets may share a counter: an answer is then made anew without need, never kept too long.
 */
export class Freshness {
  readonly cells: Int32Array<SharedArrayBuffer>;

  constructor(cells = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * CELLS))) {
    this.cells = cells;
  }

  rights(): number {
    return Atomics.load(this.cells, RIGHTS);
  }

  /** To be taken before the answer is made: a change in between makes it stale. */
  markOf(target: string, rights: number): Mark {
    const cell = cellOf(target);
    return { cell, turn: Atomics.load(this.cells, cell), rights };
  }

  isFresh({ cell, turn, rights }: Mark): boolean {
    return Atomics.load(this.cells, cell) === turn && this.rights() === rights;
  }

  targetChanged(target: string): void {
    Atomics.add(this.cells, cellOf(target), 1);
  }

  rightsChanged(): void {
    Atomics.add(this.cells, RIGHTS, 1);
  }
}

/** FNV-1a over the UTF-16 units, folded onto the cells behind the first. */
function cellOf(target: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < target.length; at++) hash = Math.imul(hash ^ target.charCodeAt(at), 0x01000193);
  return 1 + ((hash >>> 0) % (CELLS - 1));
}
