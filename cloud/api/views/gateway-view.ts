import type { GatewayView, LinksView } from '../../../shared/contracts/view.ts';
import type { ViewSources } from './sources.ts';

/** Returns link, freshness, backlog, model and clock of each gateway. */
export function gatewayViews(sources: ViewSources): GatewayView[] {
  const now = sources.plantNow();
  return sources.region.substations.map(({ id, gateway }) => {
    const link = sources.link(gateway);
    const health = sources.health(gateway);
    return {
      id: gateway,
      substation: id,
      link,
      freshnessMs: link.lastFrame === null ? null : Math.max(0, now - link.lastFrame),
      ledger: sources.ledger(gateway),
      health: health?.report ?? null,
      healthAt: health?.receivedAt ?? null,
    };
  });
}

/** Returns what the frame of every screen shows of each gateway: its link, and how many of its devices it reaches. */
export const linkViews = (sources: ViewSources): LinksView[] =>
  sources.region.substations.map(({ gateway }) => {
    const devices = sources.health(gateway)?.report.devices ?? [];
    return {
      id: gateway,
      state: sources.link(gateway).state,
      devices: devices.length,
      seen: devices.filter((device) => device.link === 'up').length,
    };
  });
