import type { Omission } from './imported.ts';
import { transformerOf, windingsOf, type Writing, type Written } from './power-grid-model-export-transformers.ts';
import type { Line, Load, Network, Switch } from './network.ts';

export interface PowerGridModelExport {
  /** Input data set as JSON, version 1.0. */
  readonly text: string;
  readonly omitted: readonly Omission[];
  /** Number of each element: "bus 3" -> 1, "line l1" -> 7. */
  readonly ids: ReadonlyMap<string, number>;
}

/** Short-circuit power written for an ideal source: 100 MVA change its voltage by 1e-7 pu. */
const IDEAL_SK_VA = 1e15;

/** Writes a network as input of power-grid-model for a symmetric calculation. Reports what the format cannot hold, by element and field. */
export function exportPowerGridModel(network: Network, options: { readonly hz?: number } = {}): PowerGridModelExport {
  const omitted: Omission[] = [];
  const ids = new Map<string, number>();
  const number = numbering(network, ids);
  const opened = new Set(
    (network.switches ?? []).flatMap(({ branch, bus, closed }) =>
      closed || branch === undefined ? [] : [`${branch}|${bus}`],
    ),
  );
  const writing: Writing = {
    network,
    number,
    node: (bus) => number('bus', bus),
    omit: (element, field, detail, changesResult) => {
      omitted.push({ element, field, detail, changesResult });
    },
    status: (branch, bus, closed) => (closed === false || opened.has(`${branch}|${bus}`) ? 0 : 1),
    hz: options.hz ?? 50,
  };
  const { node, omit } = writing;
  const kv = new Map(network.buses.map((bus) => [bus.id, bus.nominalKv]));
  const data: Record<string, Written[]> = {
    node: network.buses.map((bus) => ({ id: node(bus.id), u_rated: bus.nominalKv * 1000 })),
    line: network.lines.map((line) => lineOf(line, kv.get(line.from)!, writing)),
    link: (network.switches ?? []).flatMap((each) => linkOf(each, writing)),
    transformer: network.transformers.map((transformer) =>
      transformerOf(transformer, kv.get(transformer.from)!, writing),
    ),
    three_winding_transformer: (network.threeWindingTransformers ?? []).map((winding) =>
      windingsOf(winding, kv.get(winding.highBus)!, writing),
    ),
    source: network.sources.map((source) => {
      if (source.shortCircuitMva === undefined)
        omit(`source "${source.id}"`, 'shortCircuitMva', `ideal source: written as ${IDEAL_SK_VA} VA`, false);
      return {
        id: number('source', source.id),
        node: node(source.bus),
        status: 1,
        u_ref: source.voltagePu,
        u_ref_angle: ((source.angleDeg ?? 0) * Math.PI) / 180,
        sk: source.shortCircuitMva === undefined ? IDEAL_SK_VA : source.shortCircuitMva * 1e6,
        rx_ratio: source.rxRatio ?? 0.1,
        z01_ratio: 1,
      };
    }),
    shunt: network.shunts.map((shunt) => {
      const square = kv.get(shunt.bus)! ** 2 * 1000;
      const [g1, b1] = [shunt.gKw / square, shunt.bKvar / square];
      return { id: number('shunt', shunt.id), node: node(shunt.bus), status: 1, g1, b1, g0: g1, b0: b1 };
    }),
    sym_load: [...network.loads.flatMap((load) => loadsOf(load, writing)), ...storages(writing)],
    sym_gen: generators(writing),
  };
  const filled = Object.fromEntries(Object.entries(data).filter(([, list]) => list.length > 0));
  const file = { version: '1.0', type: 'input', is_batch: false, attributes: {}, data: filled };
  return { text: `${JSON.stringify(file, null, 2)}\n`, omitted, ids };
}

/** Ids that are whole numbers are kept unless two elements share one. All others get the next free number. */
function numbering(network: Network, ids: Map<string, number>): (kind: string, id: string) => number {
  const { threeWindingTransformers = [], generators: made = [], storages: stores = [], switches = [] } = network;
  const groups: [string, readonly { readonly id: string }[]][] = [
    ['bus', network.buses],
    ['line', network.lines],
    ['transformer', network.transformers],
    ['three-winding transformer', threeWindingTransformers],
    ['source', network.sources],
    ['shunt', network.shunts],
    ['load', network.loads],
    ['generator', made],
    ['storage', stores],
    ['switch', switches.filter((each) => each.toBus !== undefined)],
  ];
  const used = new Set<number>();
  for (const [kind, items] of groups)
    for (const { id } of items)
      if (/^(0|[1-9]\d{0,8})$/.test(id) && !used.has(Number(id))) {
        used.add(Number(id));
        ids.set(`${kind} ${id}`, Number(id));
      }
  let next = 1;
  return (kind, id) => {
    const key = `${kind} ${id}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    while (used.has(next)) next++;
    used.add(next);
    ids.set(key, next);
    return next;
  };
}

function lineOf(line: Line, nominalKv: number, { number, node, status, omit, hz }: Writing): Written {
  const b = (line.bUs ?? 0) * 1e-6;
  const g = (line.gUs ?? 0) * 1e-6;
  const c = b / (2 * Math.PI * hz);
  if (g !== 0 && b === 0) omit(`line "${line.id}"`, 'gUs', 'needs a susceptance too', true);
  const tan = b === 0 ? 0 : g / b;
  const rated = line.ratedKva === undefined ? {} : { i_n: line.ratedKva / (Math.sqrt(3) * nominalKv) };
  return {
    id: number('line', line.id),
    from_node: node(line.from),
    to_node: node(line.to),
    from_status: status(line.id, line.from, line.closed),
    to_status: status(line.id, line.to, line.closed),
    r1: line.rOhm,
    x1: line.xOhm,
    c1: c,
    tan1: tan,
    ...rated,
  };
}

function linkOf({ id, bus, toBus, closed }: Switch, { number, node }: Writing): Written[] {
  if (toBus === undefined) return [];
  const on = closed ? 1 : 0;
  return [{ id: number('switch', id), from_node: node(bus), to_node: node(toBus), from_status: on, to_status: on }];
}

/** One load per voltage dependence (constant power, impedance, current). The first part keeps the load's id. */
function loadsOf(load: Load, { number, node }: Writing): Written[] {
  const parts = [
    { type: 1, p: load.activeImpedancePct ?? 0, q: load.reactiveImpedancePct ?? 0 },
    { type: 2, p: load.activeCurrentPct ?? 0, q: load.reactiveCurrentPct ?? 0 },
  ];
  const rest = { type: 0, p: 100 - parts[0]!.p - parts[1]!.p, q: 100 - parts[0]!.q - parts[1]!.q };
  const there = [rest, ...parts].filter(({ p, q }) => p !== 0 || q !== 0);
  return there.map(({ type, p, q }, at) => ({
    id: number('load', at === 0 ? load.id : `${load.id}~${type}`),
    node: node(load.bus),
    status: 1,
    type,
    p_specified: load.activePowerKw * p * 10,
    q_specified: load.reactivePowerKvar * q * 10,
  }));
}

const storages = ({ network, number, node }: Writing): Written[] =>
  (network.storages ?? []).map((storage) => ({
    id: number('storage', storage.id),
    node: node(storage.bus),
    status: 1,
    type: 0,
    p_specified: storage.activePowerKw * 1000,
    q_specified: storage.reactivePowerKvar * 1000,
  }));

const generators = ({ network, number, node, omit }: Writing): Written[] =>
  (network.generators ?? []).map((each) => {
    if (each.voltagePu !== undefined)
      omit(
        `generator "${each.id}"`,
        'voltagePu',
        'voltage control: written as constant power without reactive power',
        true,
      );
    return {
      id: number('generator', each.id),
      node: node(each.bus),
      status: 1,
      type: 0,
      p_specified: -each.activePowerKw * 1000 || 0,
      q_specified: each.voltagePu === undefined ? -(each.reactivePowerKvar ?? 0) * 1000 || 0 : 0,
    };
  });
