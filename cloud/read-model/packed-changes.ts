import { deserialize, serialize } from 'node:v8';
import type { Changes } from './change-feed.ts';
import type { Change, Entries, Kind } from './entries.ts';

/** A value serialized for another thread. Copying bytes is cheap, and the reader deserializes the value on first use. */
export interface Packed {
  readonly packed: Uint8Array;
}

/** Kinds so large that deserializing ten at once would delay answers: a plan has 280 kB and takes 2 ms. */
const LARGE: readonly Kind[] = ['plan', 'estimate', 'forecast'];

export type PackedChange = Omit<Change, 'value'> & { readonly value: Entries[Kind] | Packed | undefined };

export interface PackedChanges<Notice> extends Omit<Changes<Notice>, 'changes'> {
  readonly changes: readonly PackedChange[];
}

export const packedChanges = <Notice>({ changes, ...rest }: Changes<Notice>): PackedChanges<Notice> => ({
  ...rest,
  changes: changes.map((change) =>
    change.value !== undefined && LARGE.includes(change.kind)
      ? { ...change, value: { packed: serialize(change.value) } }
      : change,
  ),
});

export const isPacked = (value: unknown): value is Packed =>
  typeof value === 'object' && value !== null && 'packed' in value && value.packed instanceof Uint8Array;

export const unpacked = ({ packed }: Packed): unknown => deserialize(packed);
