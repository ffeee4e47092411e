import type { FeederView, RegionView, SubstationView, ValueView } from '../../../shared/contracts/view.ts';
import { HOUR_MS } from './fixture-grid.ts';
import { START } from './fixture-sites.ts';
import type { FixtureWorld } from './fixture-world.ts';

/** Nothing is stored from before this time. */
export const STORED_FROM = START - 48 * HOUR_MS;
/** The state of its gateway is not recorded. */
const UNRECORDED = 'mnzl';

const unknown: ValueView = { value: null, quality: 'bad', origin: 'measured', time: null };

export function pastRegion(world: FixtureWorld, at: number): RegionView {
  const view = world.at(at, () => world.region());
  const substations = view.substations.map((each): SubstationView => {
    const recorded = each.id === UNRECORDED || at < STORED_FROM ? unrecorded(each) : { ...each, recordedAt: at };
    if (at >= STORED_FROM) return recorded;
    const values = { activePowerKw: unknown, loadingPct: unknown, voltageMinPu: unknown, voltageMaxPu: unknown };
    return { ...recorded, ...values, forecastPeak: null };
  });
  return { ...view, substations, activePowerKw: at < STORED_FROM ? unknown : view.activePowerKw, past: true };
}

const unrecorded = (view: SubstationView): SubstationView => ({
  ...view,
  findings: [],
  control: [],
  alarms: null,
  link: { state: 'unknown', since: null, lastFrame: null },
  planStatus: 'unknown',
  recordedAt: null,
});

export function pastFeeder(world: FixtureWorld, id: string, at: number): FeederView | undefined {
  const view = at < STORED_FROM ? undefined : world.at(at, () => world.feeder(id));
  if (view === undefined) return undefined;
  if (view.substation !== UNRECORDED) return { ...view, time: at, control: [], past: true, recordedAt: at };
  const devices = view.devices.map((device) => ({
    ...device,
    setpointKw: null,
    limitedBy: null,
    source: 'unknown',
    link: 'unknown' as const,
  }));
  return { ...view, time: at, mode: 'unknown', devices, control: [], past: true, recordedAt: null };
}
