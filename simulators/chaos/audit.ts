import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseStamp } from '../../cloud/telemetry/line-protocol.ts';
import { OFFSET_MODULUS } from '../../cloud/telemetry/marks.ts';
import { readJournal } from '../../edge/journal/inspect.ts';
import { NodeDisk } from '../../edge/journal/node-disk.ts';
import type { JournalEntry } from '../../edge/journal/record.ts';
import { decodeFrameRecord } from '../../edge/uplink/frame-record.ts';

/** All entries now in a gateway's journal. */
export async function entriesOf(journal: string): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(new NodeDisk(journal))) entries.push(entry);
  return entries;
}

interface Span {
  readonly stream: string;
  readonly run: number;
  readonly first: number;
  readonly last: number;
  readonly state: string;
}

/** The cloud's ledger of a gateway. */
export function ledgerOf(cloudData: string, gateway: string): readonly Span[] {
  const db = new DatabaseSync(join(cloudData, 'state.sqlite'), { readOnly: true });
  try {
    return db
      .prepare(
        'SELECT stream, r.run AS run, first, last, state FROM span s JOIN run r ON s.run = r.id WHERE gateway = ?',
      )
      .all(gateway)
      .map((row) => ({
        stream: String(row['stream']),
        run: Number(row['run']),
        first: Number(row['first']),
        last: Number(row['last']),
        state: String(row['state']),
      }));
  } finally {
    db.close();
  }
}

/** Ledger state of an entry; undefined if the ledger lacks it. */
export function statesIn(
  spans: readonly Span[],
): (entry: Pick<JournalEntry, 'stream' | 'run' | 'offset'>) => string | undefined {
  const byRun = Map.groupBy(spans, ({ stream, run }) => `${stream}/${run}`);
  return ({ stream, run, offset }) =>
    byRun.get(`${stream}/${run}`)?.find(({ first, last }) => offset >= first && offset <= last)?.state;
}

/** Frames of a gateway that the ledger calls stored. */
export const storedCount = (spans: readonly Span[]): number =>
  spans
    .filter(({ stream, state }) => stream === 'measurements' && state === 'stored')
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);

interface Row {
  readonly device: string;
  readonly metric: string;
  readonly time: number;
  readonly low: number;
}

/** All points of a gateway in InfluxDB. */
async function storedPoints(url: string, database: string, gateway: string): Promise<Row[]> {
  const statement = `SELECT value FROM telemetry WHERE gateway = '${gateway}' GROUP BY device, metric`;
  const answer = await fetch(`${url}/query?db=${database}&q=${encodeURIComponent(statement)}`);
  if (!answer.ok) throw new Error(`InfluxDB answers ${answer.status}`);
  const { results } = (await answer.json()) as {
    results: { error?: string; series?: { tags: { device: string; metric: string }; values: [string, number][] }[] }[];
  };
  const [result] = results;
  if (result?.error !== undefined) throw new Error(result.error);
  return (result?.series ?? []).flatMap(({ tags, values }) =>
    values.map(([stamp]) => ({ device: tags.device, metric: tags.metric, ...parseStamp(stamp) })),
  );
}

export interface TelemetryAccount {
  readonly frames: number;
  readonly points: number;
  /** Points of journalled frames that the store lacks. */
  readonly missing: number;
  /** Values of one source time stored under two offsets. */
  readonly doubled: number;
  /** Stored points with an offset of a journalled frame that the journal does not hold. */
  readonly strange: number;
}

/** Compares journal and store: each value of each frame must be stored once, and nothing else. */
export async function compare(
  store: { readonly influxUrl: string; readonly database: string },
  gateway: string,
  entries: readonly JournalEntry[],
): Promise<TelemetryAccount> {
  const rows = await storedPoints(store.influxUrl, store.database, gateway);
  const keyOf = ({ device, metric, time, low }: Row): string => `${device}/${metric}/${time}/${low}`;
  const stored = new Set(rows.map(keyOf));
  const bySource = Map.groupBy(rows, ({ device, metric, time }) => `${device}/${metric}/${time}`);
  const doubled = [...bySource.values()].filter((same) => same.length > 1).length;
  const frames = entries.filter(({ stream }) => stream === 'measurements');
  const journalled = new Set<string>();
  const lows = new Set<number>();
  let missing = 0;
  for (const { payload, offset } of frames) {
    const { frame } = decodeFrameRecord(payload)!;
    const low = offset % OFFSET_MODULUS;
    lows.add(low);
    for (const { metric } of frame.values) {
      const key = keyOf({ device: frame.device, metric, time: frame.time, low });
      journalled.add(key);
      if (!stored.has(key)) missing++;
    }
  }
  // Points newer than the journal as read, or evicted from it before, are not judged.
  const strange = rows.filter((row) => lows.has(row.low) && !journalled.has(keyOf(row))).length;
  return { frames: frames.length, points: rows.length, missing, doubled, strange };
}
