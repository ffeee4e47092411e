import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { asBuffer } from '../../shared/codec/as-buffer.ts';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { PublicKey } from '../../shared/pki/key-list.ts';
import { HANDED_OVER, signatureCheck } from './audit-entry.ts';
import { entryOf, linesOf } from './audit-lines.ts';

const { x, kid } = PublicKey.properties;
const Before = Compile(Type.Object({ x, kid }, { additionalProperties: false }));
const MARK = Buffer.from(`"what":"${HANDED_OVER}"`);

/**
 * The keys that a list may be signed with: those listed by the root, and their predecessors. An entry of a valid key names the key before
 * it, back to the first. Entries are read from the newest backwards, so that a retired key vouches for none after its end. `parts`: the
 * list and its archives, newest first; an unreadable archive vouches for none.
 */
export function withVouchedFor(
  keys: readonly SigningKey[],
  parts: readonly (() => Uint8Array | undefined)[],
): readonly SigningKey[] {
  const found = new Map(keys.map((key) => [key.kid, key]));
  for (const part of parts) {
    const bytes = part();
    if (bytes === undefined || !asBuffer(bytes).includes(MARK)) continue;
    for (const line of linesOf(bytes).lines.toReversed()) {
      const entry = Buffer.from(line).includes(MARK) ? entryOf(line) : undefined;
      if (typeof entry !== 'object' || entry.what !== HANDED_OVER || !Before.Check(entry.from)) continue;
      const { from } = entry;
      const by = found.get(entry.kid);
      if (found.has(from.kid) || by === undefined || !signatureCheck([by])('entry', entry)) continue;
      found.set(from.kid, { kty: 'OKP', crv: 'Ed25519', ...from });
    }
  }
  return [...found.values()];
}
