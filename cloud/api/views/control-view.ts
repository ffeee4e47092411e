import { headId, type RegionSubstation } from '../../../shared/contracts/region.ts';
import type { ControlView } from '../../../shared/contracts/view.ts';
import type { ShownHealth } from '../../playback/moment.ts';
import type { DrawnSources } from './sources.ts';

type DeviceReport = ShownHealth['devices'][number];

/** Entries shown per substation; the desk shows them all. */
const MOST = 40;

/** Returns what the plan does not control at a substation: who does, and until when. */
export function controlOf(
  substation: RegionSubstation,
  sources: Pick<DrawnSources, 'health' | 'overrides' | 'plantNow'>,
): ControlView[] {
  const health = sources.health(substation.gateway)?.report;
  if (health === undefined) return [];
  const own = new Map(health.devices.map((each) => [each.device, each]));
  const overrides = new Map(
    sources
      .overrides()
      .filter(({ gateway }) => gateway === substation.gateway)
      .map((each) => [each.device, each]),
  );
  const devices = substation.devices.flatMap(({ id, feeder }) => {
    const reported = own.get(id);
    const override = overrides.get(id);
    const kind = reported === undefined ? null : byHand(reported, health);
    if (kind === null) return [];
    const isOverride = kind === 'override' && override !== undefined;
    return [
      {
        kind,
        feeder,
        device: id,
        by: isOverride ? override.user : null,
        until: isOverride ? override.expiresAt : null,
        kw: null,
      },
    ];
  });
  return [
    ...(health.stopped ? [ofAll('stop')] : []),
    ...guardOf(substation, health),
    ...raisedLimits(substation, health, sources.plantNow()),
    ...modes(substation, health, own),
    ...devices,
  ].slice(0, MOST);
}

const ofAll = (kind: ControlView['kind']): ControlView => ({
  kind,
  feeder: null,
  device: null,
  by: null,
  until: null,
  kw: null,
});

function byHand(
  { stopped, tagged, source }: DeviceReport,
  { stopped: isAllStopped }: ShownHealth,
): ControlView['kind'] | null {
  if (stopped === true) return isAllStopped ? null : 'stop';
  if (tagged === true) return 'tag';
  return source === 'override' || source === 'local-manual' ? 'override' : null;
}

/** Returns the active guard: at which feeder, and how much relief. */
function guardOf({ devices, meters }: RegionSubstation, { guard }: ShownHealth): ControlView[] {
  if (!guard.active) return [];
  const { element } = guard;
  const at = meters.find(({ device }) => device === element) ?? devices.find(({ id }) => id === element);
  return [{ ...ofAll('guard'), feeder: at?.feeder ?? null, kw: Math.round(guard.reliefKw) }];
}

/** Returns limits at their emergency values: of which feeder or the transformer, and until when. */
function raisedLimits(substation: RegionSubstation, { emergency = [] }: ShownHealth, now: number): ControlView[] {
  return emergency
    .filter(({ expiresAt }) => expiresAt > now)
    .map(({ element, expiresAt }) => {
      const feeder = substation.network.feeders.find(({ id }) => headId(substation, id) === element);
      return { ...ofAll('emergency'), feeder: feeder?.id ?? null, until: expiresAt };
    });
}

function modes(
  { network, devices }: RegionSubstation,
  { mode }: ShownHealth,
  own: ReadonlyMap<string, DeviceReport>,
): ControlView[] {
  return network.feeders.flatMap(({ id }) => {
    const first = devices.find(({ feeder }) => feeder === id);
    const its = (first === undefined ? undefined : own.get(first.id)?.mode) ?? mode;
    return its === 'automatic' ? [] : [{ ...ofAll(its), feeder: id }];
  });
}
