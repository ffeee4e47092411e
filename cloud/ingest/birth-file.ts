import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { insertAll, rows } from '../sql/sql.ts';
import type { BirthStore, StoredBirth } from './birth-store.ts';
import type { DeviceRecord, NodeRecord } from './births.ts';

const BORN = `CREATE TABLE born (
  gateway TEXT NOT NULL, device TEXT NOT NULL, birth INTEGER NOT NULL, metrics TEXT NOT NULL,
  PRIMARY KEY (gateway, device)
) WITHOUT ROWID`;

const migrations = [
  'CREATE TABLE node (gateway TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID',
  // Records used to contain their devices, with a flag that told whether a device's birth came after the node's.
  {
    sqlite: `${BORN};
      INSERT INTO born SELECT gateway, value ->> 'device', (value ->> 'named') - 1, value -> 'metrics'
        FROM node, json_each(record, '$.devices');
      UPDATE node SET record = json_set(json_remove(record, '$.devices'), '$.births', 0)`,
    postgres: `${BORN};
      INSERT INTO born SELECT gateway, value ->> 'device', CAST(CAST(value ->> 'named' AS BOOLEAN) AS INT) - 1, value ->> 'metrics'
        FROM node, json_array_elements(CAST(record AS JSON) -> 'devices');
      UPDATE node SET record = CAST(CAST(record AS JSONB) - 'devices' || '{"births": 0}' AS VARCHAR)`,
  },
];

/** Births in a database. A power cut may lose the last ones; the cloud then requests a rebirth. */
export class BirthFile extends SqlStore implements BirthStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'births', migrations, what: 'the store of births', durability: 'some time' });
  }

  load(): Promise<StoredBirth[]> {
    return this.sql.reading(function* () {
      const nodes = new Map<string, Omit<NodeRecord, 'devices'> & { readonly devices: DeviceRecord[] }>();
      for (const { gateway, record } of yield* rows('SELECT gateway, record FROM node ORDER BY gateway'))
        nodes.set(String(gateway), { ...(JSON.parse(String(record)) as NodeRecord), devices: [] });
      for (const each of yield* rows('SELECT * FROM born ORDER BY gateway, device'))
        nodes.get(String(each['gateway']))!.devices.push({
          device: String(each['device']),
          birth: Number(each['birth']),
          metrics: JSON.parse(String(each['metrics'])) as DeviceRecord['metrics'],
        });
      return Array.from(nodes, ([gateway, record]) => ({ gateway, record }));
    });
  }

  async commit(births: readonly StoredBirth[]): Promise<void> {
    await this.sql.transaction(function* () {
      yield* insertAll(
        'INSERT INTO node (gateway, record)',
        births.map(({ gateway, record }) => [gateway, JSON.stringify({ ...record, devices: undefined })]),
        'ON CONFLICT (gateway) DO UPDATE SET record = excluded.record',
      );
      yield* insertAll(
        'INSERT INTO born (gateway, device, birth, metrics)',
        births.flatMap(({ gateway, record }) =>
          record.devices.map(({ device, birth, metrics }) => [gateway, device, birth, JSON.stringify(metrics)]),
        ),
        'ON CONFLICT (gateway, device) DO UPDATE SET birth = excluded.birth, metrics = excluded.metrics',
      );
    });
  }
}
