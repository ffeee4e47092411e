import { Turns } from '../../shared/time/turns.ts';
import type { BirthStore } from './birth-store.ts';
import { NodeTable } from './births.ts';

/** Tracks births that are not stored yet. They are written together, because a fleet is often born at once. */
export class BirthBook {
  readonly #store: BirthStore;
  readonly #turns = new Turns();
  #changed = new Map<NodeTable, Set<string>>();

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

  /** Marks a device's birth ('' for the node's own) to be stored by the next `flush`, in its state at that time. */
  save(node: NodeTable, device: string): void {
    const devices = this.#changed.get(node);
    if (devices === undefined) this.#changed.set(node, new Set([device]));
    else devices.add(device);
  }

  /** Births that the store refuses are retried by the next `flush`. */
  flush(): Promise<void> {
    return this.#turns.take(async () => {
      const changed = this.#changed;
      if (changed.size === 0) return;
      this.#changed = new Map();
      try {
        await this.#store.commit(
          Array.from(changed, ([node, devices]) => ({ gateway: node.gateway, record: node.record(devices) })),
        );
      } catch (error) {
        for (const [node, devices] of changed) for (const device of devices) this.save(node, device);
        throw error;
      }
    });
  }
}
