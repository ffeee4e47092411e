import { DatabaseSync } from 'node:sqlite';
import { batchesOf } from '../fresh.ts';

export interface StoredPoint {
  readonly device: string;
  readonly metric: string;
  readonly time: number;
  /** Offset mod 10^6. */
  readonly low: number;
  readonly value: number;
}

/** The points of a gateway in a store's file, which may be in use; each key once. */
export function storedPoints(path: string, gateway: string): StoredPoint[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    // One snapshot of both tables, because points move from one to the other.
    db.exec('BEGIN');
    const found = new Map<string, StoredPoint>();
    const add = (point: StoredPoint): void => {
      const key = [point.device, point.metric, point.time, point.low].join('/');
      if (!found.has(key)) found.set(key, point);
    };
    const series = new Map<number, { device: string; metric: string }>();
    const placed = db.prepare('SELECT time, off AS low, value FROM point WHERE series = ?');
    for (const row of db.prepare('SELECT id, device, metric FROM series WHERE gateway = ?').all(gateway)) {
      const of = { device: String(row['device']), metric: String(row['metric']) };
      series.set(Number(row['id']), of);
      for (const { time, low, value } of placed.all(Number(row['id'])))
        add({ ...of, time: Number(time), low: Number(low), value: Number(value) });
    }
    for (const batch of batchesOf(db))
      for (const [i, id] of batch.series.entries()) {
        const of = series.get(id);
        if (of !== undefined) add({ ...of, time: batch.time[i]!, low: batch.low[i]!, value: batch.value[i]! });
      }
    return [...found.values()];
  } finally {
    db.close();
  }
}
