import type { Region } from '../../shared/contracts/region.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { ApiViews } from '../api/deps.ts';
import { DeviceIndex } from '../api/views/device-index.ts';
import { feederView } from '../api/views/feeder-view.ts';
import { gatewayViews, linkViews } from '../api/views/gateway-view.ts';
import { regionView } from '../api/views/region-view.ts';
import type { ViewSources } from '../api/views/sources.ts';
import type { Notice, RoleNotice } from '../read-model/notice.ts';
import type { ReadModel } from '../read-model/read-model.ts';

const NO_LINK = { state: 'never', since: null, lastFrame: null } as const;
const NO_FRAMES = { storedFrames: 0, missingFrames: 0, refusedFrames: 0 };
const NO_ALARMS = {
  alarms: [],
  states: {
    unacknowledged: 0,
    acknowledged: 0,
    returned: 0,
    shelved: 0,
    suppressed: 0,
    'out-of-service': 0,
    normal: 0,
  },
  standing: { 1: 0, 2: 0, 3: 0 },
  rate: { inTenMinutes: 0, floodSince: null },
  told: 0,
};

/** Views for operators, drawn from the read model. */
export function apiViews(
  model: ReadModel<RoleNotice>,
  region: Region,
  clock: Clock,
): Omit<ApiViews, 'feed' | 'people'> {
  const sources: ViewSources = {
    region,
    plantNow: () => clock.plant.now(),
    clock: () => model.get('pace') ?? { speed: 1, speedReached: 1, simulated: false },
    live: (gateway, device, metric) => model.get('live', `${gateway}/${device}`)?.[metric],
    estimate: (substation) => model.get('estimate', substation),
    findings: (substation) => model.get('findings', substation) ?? [],
    link: (gateway) => model.get('link', gateway) ?? NO_LINK,
    health: (gateway) => model.get('health', gateway),
    forecast: (target) => model.get('forecast', target),
    plan: (substation) => model.get('plan', substation),
    overrides: () => model.get('overrides') ?? [],
    activeAlarms: (gateway) => model.get('alarmCount', gateway) ?? 0,
    ledger: (gateway) => model.get('ledger', gateway) ?? NO_FRAMES,
  };
  const devices = new DeviceIndex(sources);
  return {
    views: {
      region: () => regionView(sources),
      feeder: (id) => {
        const substation = region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
        return substation === undefined ? undefined : feederView(substation, id, sources);
      },
      gateways: () => gatewayViews(sources),
      links: () => linkViews(sources),
      devices: (query) => devices.page(query),
      device: (gateway, device) => devices.one(gateway, device),
      areas: () => model.get('areas') ?? { held: [], absent: [], losses: [] },
      alarms: () => model.get('alarms') ?? NO_ALARMS,
    },
    newestForecast: (target) => model.get('forecast', target),
    plan: (substation) => model.get('plan', substation),
    subscribe: (listener) => {
      const stops = [
        model.listen((notice) => isShown(notice) && listener(notice)),
        model.onGap(() => listener({ kind: 'gap', data: null })),
      ];
      return () => stops.forEach((stop) => stop());
    },
    onRights: (listener) => model.listen(({ kind }) => kind === 'rights' && listener()),
  };
}

const isShown = (notice: RoleNotice): notice is Notice => notice.kind !== 'planner' && notice.kind !== 'rights';
