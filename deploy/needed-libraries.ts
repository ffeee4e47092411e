import { closeSync, openSync, readSync } from 'node:fs';

const SECTION_DYNAMIC = 6;
const TAG_NEEDED = 1n;

/** Libraries that a 64-bit little-endian ELF file requests from the loader (DT_NEEDED), in file order. */
export function neededLibraries(path: string): string[] {
  const file = openSync(path, 'r');
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    if (readSync(file, bytes, 0, length, offset) !== length)
      throw new Error(`${path} ends before byte ${offset + length}`);
    return bytes;
  };
  try {
    const head = read(0, 64);
    if (head.toString('latin1', 0, 6) !== '\x7fELF\x02\x01')
      throw new Error(`${path} is not a 64-bit little-endian ELF file`);
    const [start, size, count] = [Number(head.readBigUInt64LE(40)), head.readUInt16LE(58), head.readUInt16LE(60)];
    const table = read(start, size * count);
    const section = (index: number) => {
      const entry = table.subarray(index * size, (index + 1) * size);
      return {
        type: entry.readUInt32LE(4),
        offset: Number(entry.readBigUInt64LE(24)),
        size: Number(entry.readBigUInt64LE(32)),
        link: entry.readUInt32LE(40),
      };
    };
    const dynamic = Array.from({ length: count }, (_, index) => section(index)).find(
      ({ type }) => type === SECTION_DYNAMIC,
    );
    if (dynamic === undefined) return [];
    const entries = read(dynamic.offset, dynamic.size);
    const strings = section(dynamic.link);
    const names = read(strings.offset, strings.size);
    const needed: string[] = [];
    for (let at = 0; at < entries.length; at += 16) {
      if (entries.readBigInt64LE(at) !== TAG_NEEDED) continue;
      const name = Number(entries.readBigUInt64LE(at + 8));
      needed.push(names.toString('latin1', name, names.indexOf(0, name)));
    }
    return needed;
  } finally {
    closeSync(file);
  }
}
