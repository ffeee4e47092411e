import { Type } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { checker } from '../../shared/contracts/validate.ts';
import type { Disk } from '../../shared/ports/disk.ts';

const FILE = 'uplink.json';
const Stored = Type.Object({
  version: Type.Literal(1),
  bdSeq: Type.Integer({ minimum: 0, maximum: 255 }),
  /** [device, metric, alias] */
  aliases: Type.Array(Type.Tuple([Type.String(), Type.String(), Type.Integer({ minimum: 1 })])),
});
const checkStored = checker(Stored, 'LS-JOURNAL-001');

/** What a gateway's Sparkplug session keeps across restarts: one permanent alias for each metric of a device, and bdSeq. */
export class AliasTable {
  readonly #disk: Disk;
  #aliases = new Map<string, Map<string, number>>();
  #next = 1;
  #bdSeq = 255;
  #dirty = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Reads the stored table. If the disk does not answer, or the file is damaged, the table stays empty. */
  async load(): Promise<void> {
    const bytes = await this.#disk.read(FILE).catch(() => undefined);
    if (bytes === undefined) return;
    const parsed = parseJson(new TextDecoder().decode(bytes), { code: 'LS-JOURNAL-001', maxChars: 10_000_000 });
    const checked = parsed.ok ? checkStored(parsed.value) : parsed;
    if (!checked.ok) return;
    this.#bdSeq = checked.value.bdSeq;
    for (const [device, metric, alias] of checked.value.aliases) {
      this.#of(device).set(metric, alias);
      this.#next = Math.max(this.#next, alias + 1);
    }
  }

  alias(device: string, metric: string): number {
    const table = this.#of(device);
    let alias = table.get(metric);
    if (alias === undefined) {
      alias = this.#next++;
      table.set(metric, alias);
      this.#dirty = true;
    }
    return alias;
  }

  /** bdSeq of the next connection, 0..255. */
  nextBdSeq(): number {
    this.#bdSeq = (this.#bdSeq + 1) % 256;
    this.#dirty = true;
    return this.#bdSeq;
  }

  get bdSeq(): number {
    return this.#bdSeq;
  }

  /** Persists changes. If the disk fails, the session continues without. */
  async save(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    const aliases = [...this.#aliases].flatMap(([device, table]) =>
      [...table].map(([metric, alias]) => [device, metric, alias]),
    );
    const bytes = new TextEncoder().encode(JSON.stringify({ version: 1, bdSeq: this.#bdSeq, aliases }));
    await this.#disk.replace(FILE, bytes).catch(() => {
      this.#dirty = true;
    });
  }

  #of(device: string): Map<string, number> {
    let table = this.#aliases.get(device);
    if (table === undefined) {
      table = new Map();
      this.#aliases.set(device, table);
    }
    return table;
  }
}
