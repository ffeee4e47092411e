import type { DecodedPayload } from '../../shared/codec/sparkplug.ts';
import { birthReads, metricNamed } from '../../shared/codec/sparkplug.ts';
import { BD_SEQ_METRIC } from '../../shared/codec/sparkplug-types.ts';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { FIRST_READS, type Reads } from '../../shared/contracts/reads.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { seriesFault } from '../telemetry/points.ts';
import type { SeriesKey } from '../telemetry/store.ts';
import { Sequence } from './sequence.ts';

const id = new RegExp(ID_PATTERN);
/** A gateway's limits: more than this is an attack on cardinality, not a gateway. A name counts even after its metric is gone. */
export const MAX_DEVICES = 1000;
const MAX_METRICS = 1000;
const MAX_NAMES = 20_000;
/** The value before any birth of the node. */
const NO_BIRTH = -1;

/** A metric as a birth named it. Its `series` object never changes, so that stores can use it as a key. */
export interface KnownMetric {
  readonly name: string;
  readonly series: SeriesKey;
  readonly datatype: number | undefined;
}

interface DeviceTable {
  readonly byAlias: Map<number, KnownMetric>;
  readonly byName: Map<string, KnownMetric>;
  alive: boolean;
  /** The node birth that preceded the device's own; its aliases are valid until the next node birth. */
  birth: number;
}

/** A device's birth, as persisted. */
export interface DeviceRecord {
  readonly device: string;
  /** The value of `NodeRecord.births` at that time. */
  readonly birth: number;
  /** [name, alias or null, datatype or null] */
  readonly metrics: readonly (readonly [string, number | null, number | null])[];
}

export interface NodeRecord {
  readonly bdSeq: number | null;
  /** Number of births of the node up to this record. */
  readonly births: number;
  /** Absent: the birth did not say. */
  readonly reads?: Reads | undefined;
  readonly devices: readonly DeviceRecord[];
}

/** The cloud's view of one edge node's session: births, aliases, sequence. Device '' is the node itself. */
export class NodeTable {
  readonly gateway: string;
  readonly sequence = new Sequence();
  readonly #devices = new Map<string, DeviceTable>();
  #bdSeq: number | null = null;
  #reads = FIRST_READS;
  #names = 0;
  /** A birth of this session named more devices or metrics than the limits allow. */
  isOver = false;
  alive = false;
  /** The last birth was not the first of its session. */
  isAgain = false;
  /** Births of the node so far; shows whether a rebirth request has been answered. */
  nodeBirths = 0;

  constructor(gateway: string) {
    this.gateway = gateway;
  }

  /** Formats of desired documents that the node reads. */
  get reads(): Reads {
    return this.#reads;
  }

  /** Born devices, without the node itself. */
  devices(): string[] {
    return [...this.#devices].filter(([device, table]) => device !== '' && table.alive).map(([device]) => device);
  }

  /** True if the birth says something new; a node birth always does. */
  nodeBirth(payload: DecodedPayload): Outcome<boolean> {
    const given = metricNamed(payload, BD_SEQ_METRIC)?.value;
    const bdSeq = typeof given === 'number' ? given : null;
    this.isAgain = this.alive && bdSeq !== null && bdSeq === this.#bdSeq;
    this.#bdSeq = bdSeq;
    this.#reads = birthReads(payload);
    this.sequence.begin(payload.seq);
    this.alive = true;
    this.nodeBirths++;
    this.isOver = false;
    for (const table of this.#devices.values()) table.alive = false;
    return this.#birth('', payload);
  }

  /** True if the birth says something new. A device that only disconnects and returns repeats itself. */
  deviceBirth(device: string, payload: DecodedPayload): Outcome<boolean> {
    if (!id.test(device)) return bad('LS-INGEST-004', `device ${JSON.stringify(device.slice(0, 64))} is not an id`);
    return this.#birth(device, payload);
  }

  /** False for the late will of an earlier session. */
  nodeDeath(payload: DecodedPayload): boolean {
    const bdSeq = metricNamed(payload, BD_SEQ_METRIC)?.value;
    if (typeof bdSeq === 'number' && this.#bdSeq !== null && bdSeq !== this.#bdSeq) return false;
    const was = this.alive;
    this.alive = false;
    this.sequence.begin(undefined);
    for (const table of this.#devices.values()) table.alive = false;
    return was;
  }

  deviceDeath(device: string): boolean {
    const table = this.#devices.get(device);
    if (table === undefined || !table.alive) return false;
    table.alive = false;
    return true;
  }

  /** True if the device's birth came after its node's. */
  isNamed(device: string): boolean {
    return this.#devices.get(device)?.birth === this.nodeBirths;
  }

  metric(device: string, alias: number | undefined, name: string | undefined): KnownMetric | undefined {
    const table = this.#devices.get(device);
    if (table === undefined || table.birth !== this.nodeBirths) return undefined;
    if (alias !== undefined) {
      const found = table.byAlias.get(alias);
      if (found !== undefined) return found;
    }
    return name === undefined ? undefined : table.byName.get(name);
  }

  load(record: NodeRecord): void {
    this.#bdSeq = record.bdSeq;
    this.#reads = record.reads ?? FIRST_READS;
    this.nodeBirths = record.births;
    for (const { device, metrics, birth } of record.devices) {
      const table = this.#table(device);
      table.birth = birth;
      for (const [name, alias, datatype] of metrics) this.#add(table, device, { name, alias, datatype });
    }
  }

  /** `of`: devices that were born. */
  record(of: Iterable<string>): NodeRecord {
    const devices = Array.from(of, (device): DeviceRecord => {
      const table = this.#table(device);
      const aliases = new Map([...table.byAlias].map(([alias, metric]) => [metric, alias]));
      const metrics = [...table.byName.values()].map(
        (metric) => [metric.name, aliases.get(metric) ?? null, metric.datatype ?? null] as const,
      );
      return { device, birth: table.birth, metrics };
    });
    return { bdSeq: this.#bdSeq, births: this.nodeBirths, reads: this.#reads, devices };
  }

  #birth(device: string, payload: DecodedPayload): Outcome<boolean> {
    if (payload.metrics.length > MAX_METRICS) return this.#over(`${payload.metrics.length} metrics in one birth`);
    if (!this.#devices.has(device) && this.#devices.size >= MAX_DEVICES) {
      return this.#over(`more than ${MAX_DEVICES} devices`);
    }
    const fresh = this.#freshIn(device, payload);
    if (this.#names + fresh > MAX_NAMES) return this.#over(`more than ${MAX_NAMES} metrics of its devices`);
    if ((this.#devices.get(device)?.byName.size ?? 0) + fresh > MAX_METRICS) {
      return this.#over(`more than ${MAX_METRICS} metrics of ${device === '' ? 'the node' : device}`);
    }
    const table = this.#table(device);
    const wasNamed = table.birth === this.nodeBirths;
    const [byName, byAlias] = [new Map(table.byName), new Map(table.byAlias)];
    table.byAlias.clear();
    table.alive = true;
    table.birth = this.nodeBirths;
    for (const { name, alias, datatype } of payload.metrics) {
      if (name !== undefined) this.#add(table, device, { name, alias: alias ?? null, datatype: datatype ?? null });
    }
    return good(!wasNamed || !isSame(byName, table.byName) || !isSame(byAlias, table.byAlias));
  }

  #over(detail: string): Outcome<never> {
    this.isOver = true;
    return bad('LS-BUDGET-004', detail);
  }

  /** Number of new names in a birth. */
  #freshIn(device: string, payload: DecodedPayload): number {
    const known = this.#devices.get(device)?.byName;
    const names = payload.metrics.flatMap(({ name }) =>
      name === undefined || known?.has(name) === true ? [] : [name],
    );
    return new Set(names).size;
  }

  #add(table: DeviceTable, device: string, of: { name: string; alias: number | null; datatype: number | null }): void {
    const { name, alias } = of;
    const datatype = of.datatype ?? undefined;
    let metric = table.byName.get(name);
    if (metric === undefined || metric.datatype !== datatype) {
      // The node's own metrics are stored under the device name 'node'.
      const series = { gateway: this.gateway, device: device === '' ? 'node' : device, metric: name };
      if (seriesFault(series) !== undefined) return;
      if (metric === undefined) this.#names++;
      metric = { name, series: metric?.series ?? series, datatype };
      table.byName.set(name, metric);
    }
    if (alias !== null) table.byAlias.set(alias, metric);
  }

  #table(device: string): DeviceTable {
    let table = this.#devices.get(device);
    if (table === undefined) {
      table = { byAlias: new Map(), byName: new Map(), alive: false, birth: NO_BIRTH };
      this.#devices.set(device, table);
    }
    return table;
  }
}

const isSame = <Key>(before: ReadonlyMap<Key, KnownMetric>, now: ReadonlyMap<Key, KnownMetric>): boolean =>
  before.size === now.size && now.entries().every(([key, metric]) => before.get(key) === metric);
