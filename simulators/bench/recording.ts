import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { closeStores, makeStores, openStores } from '../../cloud/compose/stores.ts';
import { dataFiles } from '../../cloud/telemetry/data-files.ts';
import type { DesiredDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';

const ARCHIVE = join(import.meta.dirname, '..', 'scenarios', 'v0.1.0', 'folder.tar.gz');
const GATEWAY = 'owd-01';

export interface Recording {
  /** Devices of one gateway, and the metrics in their frames. */
  readonly devices: readonly { readonly device: string; readonly metrics: readonly string[] }[];
  readonly plans: readonly Extract<DesiredDocument, { type: 'plan' }>[];
  readonly forecasts: readonly Forecast[];
  readonly events: readonly LoadstoneEvent[];
}

/**
 * Recording of a demo with two substations: the shape of its frames, its plans, forecasts and events, as the stores read them. Unpacks into
 * `folder` and removes it afterwards.
 */
export async function readRecording(folder: string): Promise<Recording> {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', ARCHIVE, '-C', folder]);
  const data = join(folder, 'cloud');
  const stores = makeStores(data, dataFiles(data), () => undefined);
  await openStores(stores);
  const db = new DatabaseSync(join(data, 'telemetry.sqlite'), { readOnly: true });
  const planner = new DatabaseSync(join(data, 'planner.sqlite'), { readOnly: true });
  try {
    const series = db
      .prepare('SELECT device, metric FROM series WHERE gateway = ? ORDER BY device, metric')
      .all(GATEWAY);
    const devices = Map.groupBy(series, (row) => String(row['device']));
    const plans = await stores.documents.list('plan', GATEWAY, 99);
    const ids = planner.prepare('SELECT id FROM forecast ORDER BY number').all();
    return {
      devices: [...devices].map(([device, rows]) => ({ device, metrics: rows.map((row) => String(row['metric'])) })),
      plans: plans.map(({ document }) => document as Extract<DesiredDocument, { type: 'plan' }>),
      forecasts: (await Promise.all(ids.map(({ id }) => stores.forecasts.get(String(id))))).map(
        (forecast) => forecast!,
      ),
      events: (await stores.events.list({ limit: 999 })).map((event) => eventOf(event)),
    };
  } finally {
    db.close();
    planner.close();
    closeStores(stores);
    rmSync(folder, { recursive: true });
  }
}

function eventOf({ time, kind, severity, code, text, device, subject, active }: LoadstoneEventView): LoadstoneEvent {
  const about = { ...(device === null ? {} : { device }), ...(subject === null ? {} : { subject }) };
  return { time, kind, severity, code, text, ...about, ...(active === null ? {} : { active }) };
}

type LoadstoneEventView = Awaited<ReturnType<ReturnType<typeof makeStores>['events']['appendAll']>>[number];
