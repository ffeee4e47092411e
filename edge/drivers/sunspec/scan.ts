import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { ReadBlock } from '../modbus/profile.ts';
import type { FoundModel } from './points.ts';

/** A SunSpec device's description of itself. */
export interface SunspecDevice {
  readonly maker: string;
  readonly product: string;
  readonly version: string;
  readonly serial: string;
  readonly models: readonly FoundModel[];
}

/** Possible start addresses of the map, the usual one first. */
const BASES = [40_000, 0, 50_000] as const;
const MARK = [0x5375, 0x6e53] as const;
const END = 0xffff;
const COMMON = 1;
const COMMON_WORDS = 66;
const MOST_MODELS = 64;
const LAST_REGISTER = 0xffff;

/** Looks for the mark "SunS" and follows the chain of models. LS-DEVICE-003 if there is none. */
export async function scanSunspec(read: ReadBlock): Promise<Outcome<SunspecDevice>> {
  for (const base of BASES) {
    const mark = await read({ table: 'holding', address: base, count: 2 });
    if (!mark.ok && mark.fault.code === 'LS-DEVICE-001') return mark;
    if (mark.ok && mark.value[0] === MARK[0] && mark.value[1] === MARK[1]) return follow(read, base + 2);
  }
  return bad('LS-DEVICE-003', `no SunSpec map at ${BASES.join(', ')}; use driver: modbus with a register table`);
}

async function follow(read: ReadBlock, start: number): Promise<Outcome<SunspecDevice>> {
  const models: FoundModel[] = [];
  for (let address = start; ;) {
    if (models.length === MOST_MODELS || address + 1 > LAST_REGISTER)
      return bad('LS-DEVICE-003', `the chain of models does not end after ${models.length} models`);
    const head = await read({ table: 'holding', address, count: 2 });
    if (!head.ok) return head;
    const [id, length] = [head.value[0]!, head.value[1]!];
    if (id === END) break;
    models.push({ id, address, length });
    address += 2 + length;
  }
  const common = models.find(({ id }) => id === COMMON);
  if (common === undefined || common.length < COMMON_WORDS - 1)
    return bad('LS-DEVICE-003', 'the map lacks model 1, with maker and serial number');
  const words = await read({ table: 'holding', address: common.address + 2, count: COMMON_WORDS - 1 });
  if (!words.ok) return words;
  return good({
    maker: text(words.value.subarray(0, 16)),
    product: text(words.value.subarray(16, 32)),
    version: text(words.value.subarray(40, 48)),
    serial: text(words.value.subarray(48, 64)),
    models,
  });
}

function text(words: Uint16Array): string {
  const bytes = [...words].flatMap((word) => [word >> 8, word & 0xff]);
  const end = bytes.indexOf(0);
  const printable = (end === -1 ? bytes : bytes.slice(0, end)).filter((byte) => byte >= 0x20 && byte < 0x7f);
  return String.fromCharCode(...printable).trim();
}
