import { sayEstimate } from '../../../shared/sentences/estimate-forms.ts';
import { partOf, Sentences, textOf, type Part } from '../../../shared/sentences/said.ts';
import { listed } from '../../../shared/sentences/plan-forms.ts';
import {
  headId,
  headMeter,
  meterIntervalS,
  type RegionDevice,
  type RegionSubstation,
} from '../../../shared/contracts/region.ts';
import type { BranchView, BusView, DeviceView, FeederView, ValueView } from '../../../shared/contracts/view.ts';
import type { EstimateState } from '../../estimate/state.ts';
import type { ShownHealth } from '../../playback/moment.ts';
import { controlOf } from './control-view.ts';
import {
  estimatedView,
  measuredView,
  momentOf,
  recordOf,
  round,
  seriesOf,
  unknownValue,
  type DrawnSources,
  type LookedAt,
} from './sources.ts';

/** Returns the one-line diagram of a feeder; undefined before the first estimate. */
export function feederView(
  substation: RegionSubstation,
  feeder: string,
  sources: DrawnSources,
): FeederView | undefined {
  const state = sources.estimate(substation.id);
  const definition = substation.network.feeders.find(({ id }) => id === feeder);
  if (state === undefined || definition === undefined) return undefined;
  const moment = momentOf(sources);
  const branches = branchViews(substation, feeder, { state, moment });
  const head = branches.find(({ id }) => id === definition.headBranch);
  const health = sources.health(substation.gateway)?.report;
  return {
    id: feeder,
    name: definition.name,
    substation: substation.id,
    mode: modeOf(substation, feeder, health),
    time: state.time,
    ...describeInputs(substation, feeder, state),
    head: {
      activePowerKw: head?.activePowerKw ?? unknownValue,
      loadingPct: head?.loadingPct ?? unknownValue,
      ...seriesOf(substation, headMeter(substation, feeder)),
      ...headLimits(substation, feeder),
    },
    tapPosition: estimatedView(state.transformer.tapPosition, state, moment),
    buses: busViews(substation, feeder, { state, moment }),
    branches,
    devices: substation.devices
      .filter((device) => device.feeder === feeder)
      .map((device) => deviceView(substation, device, { sources, moment, health })),
    ...(sources.recordedAt === undefined ? {} : { past: true as const, control: controlOf(substation, sources) }),
    ...recordOf(sources, substation.gateway),
  };
}

function headLimits({ heads }: RegionSubstation, feeder: string): Pick<FeederView['head'], 'limits'> {
  const found = heads?.find((head) => head.feeder === feeder);
  return found === undefined ? {} : { limits: { importKw: found.importKw, exportKw: found.exportKw } };
}

/** Returns the mode of the feeder's devices, as reported by the gateway. */
function modeOf({ devices }: RegionSubstation, feeder: string, health: ShownHealth | undefined): FeederView['mode'] {
  const own = devices.find((device) => device.feeder === feeder)?.id;
  return health?.devices.find(({ device }) => device === own)?.mode ?? health?.mode ?? 'unknown';
}

interface Estimated {
  readonly state: EstimateState;
  readonly moment: LookedAt;
}

function busViews(substation: RegionSubstation, feeder: string, { state, moment }: Estimated): BusView[] {
  const values = new Map(state.buses.map((bus) => [bus.id, bus]));
  const ends = new Set(
    substation.network.lines.filter((line) => line.feeder === feeder).flatMap(({ from, to }) => [from, to]),
  );
  return substation.network.buses
    .filter(({ id }) => ends.has(id))
    .map((bus) => {
      const value = values.get(bus.id);
      return {
        id: bus.id,
        voltagePu: value === undefined ? unknownValue : estimatedView(value.voltagePu, state, moment),
        x: bus.x ?? 0,
        y: bus.y ?? 0,
        vMinPu: bus.vMinPu ?? substation.limits.vMinPu,
        vMaxPu: bus.vMaxPu ?? substation.limits.vMaxPu,
      };
    });
}

function branchViews(substation: RegionSubstation, feeder: string, { state, moment }: Estimated): BranchView[] {
  const values = new Map(state.branches.map((branch) => [branch.id, branch]));
  return substation.network.lines
    .filter((line) => line.feeder === feeder)
    .map((line) => {
      const value = values.get(line.id);
      const power = value === undefined ? unknownValue : estimatedView(value.activePowerKw, state, moment);
      const loading: ValueView =
        value?.loadingPct === null || value === undefined
          ? unknownValue
          : { ...power, value: round(value.loadingPct), error: 0 };
      return {
        id: line.id,
        from: line.from,
        to: line.to,
        closed: value?.closed ?? line.closed ?? true,
        activePowerKw: power,
        loadingPct: loading,
      };
    });
}

function deviceView(
  substation: RegionSubstation,
  device: RegionDevice,
  { sources, moment, health }: { sources: DrawnSources; moment: LookedAt; health: ShownHealth | undefined },
): DeviceView {
  const intervalS = meterIntervalS(substation, device.id);
  const value = (metric: string): ValueView =>
    measuredView(sources.live(substation.gateway, device.id, metric), moment, intervalS);
  const own = health?.devices.find((each) => each.device === device.id);
  const isRecorded = recordOf(sources, substation.gateway).recordedAt !== null;
  return {
    id: device.id,
    name: device.name,
    type: device.type,
    bus: device.bus,
    activePowerKw: value('activePowerKw'),
    setpointKw: own?.setpointKw ?? null,
    source: own?.source ?? (isRecorded ? 'none' : 'unknown'),
    ...(own?.lastSet === undefined ? {} : { lastSet: own.lastSet }),
    limitedBy: own?.limitedBy ?? null,
    socPct: device.type === 'battery' ? value('socPct') : null,
    link: own?.link ?? (isRecorded ? 'never' : 'unknown'),
  };
}

/** Describes in words which inputs the estimate of this feeder uses: "transformer, feeder head and 7 devices (measured)". */
function describeInputs(
  substation: RegionSubstation,
  feeder: string,
  { provenance }: EstimateState,
): Pick<FeederView, 'estimateFrom' | 'sentences'> {
  const { devices, network } = substation;
  const own = new Set(devices.filter((device) => device.feeder === feeder).map(({ id }) => id));
  const transformer = substation.meters.find(({ kind }) => kind === 'transformer')?.device ?? 'transformer';
  const shared = new Set([transformer, ...[...network.buses, ...network.transformers].map(({ id }) => id)]);
  const names: Readonly<Record<string, Part>> = {
    [feeder]: sayEstimate('this feeder'),
    [headId(substation, feeder)]: sayEstimate('feeder head'),
  };
  const groups = new Map<string, { readonly how: Part; readonly of: Part[] }>();
  const put = (how: Part, name: Part): void => {
    const group = groups.get(textOf(how));
    if (group === undefined) groups.set(textOf(how), { how, of: [name] });
    else group.of.push(name);
  };
  for (const input of provenance) {
    const { element, source } = input;
    const name = names[element] ?? (shared.has(element) || own.has(element) ? element : undefined);
    if (name !== undefined && source !== 'device') put(partOf(input), name);
  }
  const read = provenance.filter(({ element, source }) => source === 'device' && own.has(element)).length;
  if (read > 0)
    put(
      sayEstimate('measured'),
      read === 1 ? sayEstimate('1 device') : sayEstimate('{count} devices', { count: read }),
    );
  const parts = [...groups.values()].map(({ how, of }) => sayEstimate('{names} ({how})', { names: listed(of), how }));
  const [first = sayEstimate('the model alone'), ...rest] = parts;
  const words = new Sentences();
  const estimateFrom = words.add(rest.reduce((one, other) => sayEstimate('{one}; {other}', { one, other }), first));
  return { estimateFrom, sentences: words.list };
}
