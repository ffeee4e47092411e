import type { FeederView } from '../../../../shared/contracts/view.ts';
import { incidentsOf } from '../lib/incident-words.ts';
import { openIncidents } from '../state/incidents.ts';
import { Sparkline } from './sparkline.tsx';

/** The last half hour at a feeder's head, with the start of its open incident. */
export function HeadTrend({ view, width, height }: { view: FeederView; width?: number; height?: number }) {
  const { head, id, name } = view;
  const { limits } = head;
  return (
    <Sparkline
      series={head.series}
      value={head.activePowerKw}
      limits={limits === undefined ? [] : [limits.importKw, -limits.exportKw]}
      label={`${name} (${id})`}
      since={incidentsOf(openIncidents.value, { substation: view.substation, feeder: id })[0]?.startedAt ?? null}
      {...(width === undefined ? {} : { width })}
      {...(height === undefined ? {} : { height })}
    />
  );
}
