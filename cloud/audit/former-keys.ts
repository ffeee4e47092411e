import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { PublicKey } from '../../shared/pki/key-list.ts';
import { HANDED_OVER, signatureCheck } from './audit-entry.ts';
import { entryOf, linesOf } from './audit-lines.ts';

const { x, kid } = PublicKey.properties;
const Before = Compile(Type.Object({ x, kid }, { additionalProperties: false }));
const MARK = Buffer.from(`"what":"${HANDED_OVER}"`);

/**
 * The keys that a list of entries goes by: those that the root lists, and those that they have taken over from. An entry of a key that
 * counts names the key before it, back to the first. A key that has ended vouches for none behind its end: entries are read from the
 * newest one back. `parts`: the list and its archives, newest first; an archive that cannot be read vouches for none.
 */
export function withVouchedFor(
  keys: readonly SigningKey[],
  parts: readonly (() => Uint8Array | undefined)[],
): readonly SigningKey[] {
  const found = new Map(keys.map((key) => [key.kid, key]));
  for (const part of parts) {
    const bytes = part();
    if (bytes === undefined || !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(MARK)) continue;
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
