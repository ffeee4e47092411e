import type { MeterPoint, Region, RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import { compileRadial, type RadialGrid } from '../../shared/grid/compile.ts';
import type { Feeder, Network } from '../../shared/grid/network.ts';
import { checkFeeders, checkIsland, checkTransformers } from './belongs.ts';
import { aloneNotes } from './alone.ts';
import { checkNames } from './check-names.ts';
import { islandOf } from './island.ts';
import { plainNetwork } from './plain-network.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { failsafeOf, type GatewayDevice, type GatewayFile } from './gateway-file.ts';
import type { NamedPlan, SubstationPlan } from './plan.ts';

/** The contents of the files that the plan names for a substation. */
export interface SubstationParts {
  readonly network: Network;
  readonly gateway: GatewayFile;
}

export interface Composed {
  readonly region: Region;
  /** What was assumed or left out, in words. */
  readonly notes: readonly string[];
}

/** Standard errors, % of reading: class 0.5 at transformer and heads, class 1 at terminals. */
const ERROR_PCT = { guarded: 0.25, terminal: 0.5 };
const INTERVAL_S = { guarded: 1, terminal: 10 };
/** Power factor of a transformer in normal operation, where its file states no limit. */
const POWER_FACTOR = 0.9;
/**
 * The model that the cloud works with, from networks, the gateways' own files, and the plan of how they belong together. Throws
 * LS-CONFIG-002 with each unknown name, and the LS-GRID codes for a network that is not radial.
 */
export function composeRegion(plan: NamedPlan, parts: readonly SubstationParts[]): Composed {
  const notes: string[] = [];
  const { substations, ...whole } = plan;
  checkTransformers(
    substations,
    substations.map((each, at) => transformerOf(each, parts[at]!.network)),
  );
  const region: Region = {
    version: 1,
    ...whole,
    substations: substations.map((each, at) =>
      substationOf(each, parts[at]!, { region: plan.id, timezone: plan.timezone, notes }),
    ),
  };
  const files = parts.map(({ gateway }) => gateway);
  return { region, notes: [...notes, ...aloneNotes(region, files)] };
}

/** The transformer that the plan names, otherwise the first of the network. */
const transformerOf = (plan: SubstationPlan, { transformers }: Network): string =>
  plan.transformer ?? transformers[0]?.id ?? '';

interface Whole {
  readonly region: string;
  readonly timezone: string;
  readonly notes: string[];
}

function substationOf(
  stated: SubstationPlan,
  { network: document, gateway: file }: SubstationParts,
  whole: Whole,
): RegionSubstation {
  checkNames(stated, document, file);
  const { network: all, busOf, notes } = plainNetwork(document);
  whole.notes.push(...notes.map((note) => `${stated.id}: ${note}`));
  const plan = {
    ...stated,
    feeders: stated.feeders.toSorted((a, b) => numberOf(a.guarded) - numberOf(b.guarded)),
    devices: placesOf(stated.devices, busOf),
  };
  const { gateway } = file;
  whole.notes.push(...sunNotes(stated.id, file));
  const transformer = transformerOf(plan, document);
  const island = islandOf(all, transformer);
  checkIsland({ plan, region: whole.region, file, network: all, transformer, island });
  const { network } = island;
  const away = all.buses.length - network.buses.length;
  if (away > 0)
    whole.notes.push(`${plan.id}: left out ${away} buses of the network that are not behind ${transformer}`);
  if (plan.transformer === undefined && document.transformers.length > 1)
    whole.notes.push(`${plan.id}: assuming transformer ${transformer} is that of the substation`);
  const own = withoutDevices(network, { plan, file, notes: whole.notes });
  const ordered = [...own.transformers]
    .sort((a, b) => Number(b.id === transformer) - Number(a.id === transformer))
    .map((each, at) => (at === 0 ? { ...each, id: `${plan.id}-t1`, name: each.name ?? each.id } : each));
  const model: Network = { ...own, id: plan.id, name: plan.name, transformers: ordered, feeders: [] };
  const grid = compileRadial(model);
  const feeders = plan.feeders.map((each) => feederOf(each, plan.id, grid));
  checkFeeders(plan, file, (bus) => {
    const found = feederAt(bus, feeders, grid);
    return found === undefined ? undefined : `feeder-${found.slice(plan.id.length + 1)}`;
  });
  const head = (guarded: string): GatewayFile['guarded'][number] | undefined =>
    file.guarded.find(({ id }) => id === guarded);
  const limits = limitsOf(head('transformer'), ordered[0]!.ratedKva);
  const heads = plan.feeders.flatMap(({ guarded }, at) => {
    const { importKw, exportKw } = head(guarded)?.limits ?? {};
    return importKw === undefined || exportKw === undefined ? [] : [{ feeder: feeders[at]!.id, importKw, exportKw }];
  });
  const devices = file.devices
    .filter(({ type }) => type !== 'meter')
    .map((device) =>
      deviceOf(device, { plan, at: plan.devices[device.id] ?? {}, busbar: ordered[0]!.to, feeders, grid }),
    );
  return {
    id: plan.id,
    name: plan.name,
    gateway: gateway.id,
    latitude: gateway.latitude ?? 0,
    longitude: gateway.longitude ?? 0,
    timezone: gateway.timezone ?? whole.timezone,
    limits,
    ...given({ failsafe: failsafeOf(file) }),
    ...(heads.length === 0 ? {} : { heads }),
    network: {
      ...labelled(model, { feeders, grid, limits }),
      feeders,
      ...(gateway.topologyVersion === undefined ? {} : { topologyVersion: gateway.topologyVersion }),
    },
    devices,
    ...pointsOf(file.devices),
    meters: metersOf({ plan, file, feeders, devices, transformer: ordered[0]!.id, grid }),
  };
}

/** Plans compute the sun from the position. Without one the sun would rise as on the equator, south of Ghana. */
function sunNotes(substation: string, { gateway, devices }: GatewayFile): string[] {
  const lacks = (['latitude', 'longitude'] as const).filter((key) => gateway[key] === undefined);
  if (lacks.length === 0 || !devices.some(({ type }) => type === 'pv-inverter')) return [];
  const keys = lacks.map((key) => `gateway.${key}`).join(' and ');
  return [`${substation}: the gateway's file has no ${keys}, so plans assume 0 degrees for the sun; add it`];
}

const placesOf = (places: SubstationPlan['devices'], busOf: ReadonlyMap<string, string>): SubstationPlan['devices'] =>
  Object.fromEntries(
    Object.entries(places).map(([id, { bus, ...place }]) => [
      id,
      bus === undefined ? place : { ...place, bus: busOf.get(bus)! },
    ]),
  );

/** A generator, storage or shunt of the network at a device's bus is that device: it is planned and measured, not assumed. */
function withoutDevices(
  network: Network,
  { plan, file, notes }: { plan: SubstationPlan; file: GatewayFile; notes: string[] },
): Network {
  const at = (types: readonly string[]): Set<string | undefined> =>
    new Set(file.devices.filter(({ type }) => types.includes(type)).map(({ id }) => plan.devices[id]?.bus));
  const [sun, stores, banks] = [at(['pv-inverter']), at(['battery']), at(['capacitor-bank'])];
  const keep = <T extends { readonly id: string; readonly bus: string }>(
    kind: string,
    list: readonly T[],
    from: Set<string | undefined>,
  ): T[] =>
    list.filter(({ id, bus }) => {
      if (from.has(bus)) notes.push(`${plan.id}: ${kind} ${id} of the network is replaced by the device at bus ${bus}`);
      return !from.has(bus);
    });
  return {
    ...network,
    shunts: keep('shunt', network.shunts, banks),
    ...(network.generators === undefined ? {} : { generators: keep('generator', network.generators, sun) }),
    ...(network.storages === undefined ? {} : { storages: keep('storage', network.storages, stores) }),
  };
}

function feederOf(
  { guarded, headBranch, name }: SubstationPlan['feeders'][number],
  substation: string,
  grid: RadialGrid,
): Feeder {
  const own = `${substation}-${numberOf(guarded)}`;
  const node = grid.branchNode[grid.branchIndex.get(headBranch)!]!;
  if (node < 0)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `substation ${substation}: headBranch: ${headBranch} is open or without a source, so no feeder can begin with it`,
    );
  return { id: own, name: name ?? own, headBranch, headBus: grid.busIds[grid.nodeBus[node]!]! };
}

/** The number in `feeder-2`: gateway and cloud number a feeder alike. */
const numberOf = (guarded: string): number => Number(guarded.replace('feeder-', ''));

interface Site {
  readonly plan: SubstationPlan;
  readonly at: SubstationPlan['devices'][string];
  readonly busbar: string;
  readonly feeders: readonly Feeder[];
  readonly grid: RadialGrid;
}

function deviceOf(device: GatewayDevice, { plan, at, busbar, feeders, grid }: Site): RegionDevice {
  const { id, type, name, connectionPoint, ratings = {}, safeDefault } = device;
  const { socPct, efficiency = at.efficiency, ...rated } = ratings;
  const bus = at.bus ?? busbar;
  const { connectedOn, stepKvar, bandPu, dropPu, movesPerDay } = at;
  const kw = safeDefault?.activePowerLimitKw ?? safeDefault?.activePowerKw;
  return {
    id,
    type,
    name: name ?? id,
    bus,
    feeder: feederAt(bus, feeders, grid) ?? plan.id,
    connectionPoint: connectionPoint?.id ?? `cp-${id}`,
    authority: authorityOf(device),
    ...rated,
    ...(socPct === undefined ? {} : { socMinPct: socPct[0], socMaxPct: socPct[1] }),
    ...given({
      contractEurPerKwh: at.interventionEurPerKwh,
      efficiency,
      connectedOn,
      stepKvar,
      bandPu,
      dropPu,
      movesPerDay,
      safeDefaultKw: kw,
      floorKw: connectionPoint?.floorKw,
    }),
  };
}

interface Labels {
  readonly feeders: readonly Feeder[];
  readonly grid: RadialGrid;
  readonly limits: RegionSubstation['limits'];
}

/**
 * Labels each bus and line with its feeder, and each bus at the busbar or below with the substation's voltage band if it has none of its
 * own.
 */
function labelled(network: Network, { feeders, grid, limits: { vMinPu, vMaxPu } }: Labels): Network {
  const feederOfBus = new Map(network.buses.map(({ id }) => [id, feederAt(id, feeders, grid)]));
  const busbar = network.transformers[0]!.to;
  return {
    ...network,
    buses: network.buses.map((bus) => {
      const feeder = feederOfBus.get(bus.id);
      const band = feeder === undefined && bus.id !== busbar ? {} : { vMinPu, vMaxPu };
      return { ...band, ...bus, ...given({ feeder }) };
    }),
    lines: network.lines.map((line) => ({
      ...line,
      ...given({ feeder: feederOfBus.get(line.from) ?? feederOfBus.get(line.to) }),
    })),
  };
}

/** The gateway's own rule: a device that cannot be written is not commanded; chargers over OCPP always can be. */
const authorityOf = ({ driver, write, connectionPoint }: GatewayDevice): RegionDevice['authority'] =>
  write === undefined && driver !== 'ocpp' ? 'none' : (connectionPoint?.authority ?? 'direct');

/** The feeder behind whose head a bus lies, with the switches of the network as they stand. */
function feederAt(bus: string, feeders: readonly Feeder[], grid: RadialGrid): string | undefined {
  const heads = new Map(feeders.map(({ id, headBranch }) => [grid.branchNode[grid.branchIndex.get(headBranch)!]!, id]));
  let node = grid.nodeBus.indexOf(grid.busIndex.get(bus)!);
  while (node > 0 && !heads.has(node)) node = grid.parent[node]!;
  return heads.get(node);
}

function limitsOf(guarded: GatewayFile['guarded'][number] | undefined, ratedKva: number): RegionSubstation['limits'] {
  const { importKw, exportKw, voltagePu: [vMinPu, vMaxPu] = [0.9, 1.1] } = guarded?.limits ?? {};
  const rated = Math.round(POWER_FACTOR * (guarded?.ratedKva ?? ratedKva));
  return { importKw: importKw ?? rated, exportKw: exportKw ?? rated, vMinPu, vMaxPu };
}

function pointsOf(devices: readonly GatewayDevice[]): Pick<RegionSubstation, 'connectionPoints'> {
  const points = new Map(
    devices.flatMap(({ type, connectionPoint }) =>
      connectionPoint?.contract === undefined || type === 'meter'
        ? []
        : [[connectionPoint.id, { id: connectionPoint.id, ...connectionPoint.contract }] as const],
    ),
  );
  return points.size === 0 ? {} : { connectionPoints: [...points.values()] };
}

interface Metered {
  readonly plan: SubstationPlan;
  readonly file: GatewayFile;
  readonly feeders: readonly Feeder[];
  readonly devices: readonly RegionDevice[];
  readonly transformer: string;
  readonly grid: RadialGrid;
}

function metersOf({ plan, file, feeders, devices, transformer, grid }: Metered): MeterPoint[] {
  const guarded = new Set(file.guarded.map(({ id }) => id));
  const main = { errorPct: ERROR_PCT.guarded, intervalS: INTERVAL_S.guarded };
  const own = (id: string): { errorPct: number; intervalS: number } => ({
    errorPct: plan.devices[id]?.meterErrorPct ?? ERROR_PCT.terminal,
    intervalS: plan.devices[id]?.meterIntervalS ?? INTERVAL_S.terminal,
  });
  const stations = file.devices.flatMap(({ id, type }): MeterPoint[] => {
    const bus = plan.devices[id]?.bus;
    if (type !== 'meter' || bus === undefined) return [];
    return [
      { device: id, kind: 'station', element: bus, ...given({ feeder: feederAt(bus, feeders, grid) }), ...own(id) },
    ];
  });
  return [
    ...(guarded.has('transformer')
      ? [{ device: 'transformer', kind: 'transformer', element: transformer, ...main } as const]
      : []),
    ...plan.feeders.flatMap(({ guarded: id, headBranch }, at): MeterPoint[] =>
      guarded.has(id)
        ? [{ device: id, kind: 'feeder-head', element: headBranch, feeder: feeders[at]!.id, ...main }]
        : [],
    ),
    ...devices
      .filter(({ type }) => type !== 'tap-changer')
      .map(({ id, bus, feeder }): MeterPoint => ({ device: id, kind: 'terminal', element: bus, feeder, ...own(id) })),
    ...stations,
  ];
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
