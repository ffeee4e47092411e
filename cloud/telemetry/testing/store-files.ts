import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** An empty store, and a function that opens it again after it was closed, like a restart. */
export interface Opened<Store> {
  readonly store: Store;
  readonly again: () => Promise<Store>;
}

interface File {
  open(): void;
  opened?(): Promise<void>;
  close(): void;
}

/** For the suite of a port: each call opens a store on a file of its own. */
export function storeFiles<Store extends File>(make: (path: string) => Store): () => Promise<Opened<Store>> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-stores-'));
  const opened: Store[] = [];
  after(() => {
    for (const each of opened) each.close();
    rmSync(folder, { recursive: true });
  });
  const openedAt = async (path: string): Promise<Store> => {
    const store = make(path);
    store.open();
    opened.push(store);
    await store.opened?.();
    return store;
  };
  return async () => {
    const path = join(folder, `${opened.length}.sqlite`);
    const store = await openedAt(path);
    return {
      store,
      again: async () => {
        store.close();
        return openedAt(path);
      },
    };
  };
}
