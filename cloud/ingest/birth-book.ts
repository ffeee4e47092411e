import { Turns } from '../../shared/time/turns.ts';
import type { BirthStore } from './birth-store.ts';
import { NodeTable } from './births.ts';

/** Which births are still to be kept. They are written together, as a fleet is born together. */
export class BirthBook {
  readonly #store: BirthStore;
  readonly #turns = new Turns();
  #changed = new Set<NodeTable>();

  constructor(store: BirthStore) {
    this.#store = store;
  }

  async load(): Promise<NodeTable[]> {
    const births = await this.#store.load();
    return births.map(({ gateway, record }) => {
      const node = new NodeTable(gateway);
      node.load(record);
      return node;
    });
  }

  /** Kept with the next `flush`, as it stands then. */
  save(node: NodeTable): void {
    this.#changed.add(node);
  }

  /** What the store refuses is kept with the next one. */
  flush(): Promise<void> {
    return this.#turns.take(async () => {
      const nodes = this.#changed;
      if (nodes.size === 0) return;
      this.#changed = new Set();
      try {
        await this.#store.commit([...nodes].map((node) => ({ gateway: node.gateway, record: node.record() })));
      } catch (error) {
        this.#changed = this.#changed.union(nodes);
        throw error;
      }
    });
  }
}
