import { messageOf } from '../outcome/message-of.ts';
import { LoadstoneError } from '../outcome/outcome.ts';
import type { Imported, Omission } from './imported.ts';
import { Element, type Omit } from './power-grid-model-element.ts';
import { readTransformer, readThreeWinding } from './power-grid-model-transformers.ts';
import type { Bus, Generator, Line, Load, Shunt, Source, Switch } from './network.ts';

const known = [
  'node',
  'line',
  'link',
  'transformer',
  'three_winding_transformer',
  'source',
  'shunt',
  'sym_load',
  'sym_gen',
  'asym_load',
  'asym_gen',
];
const besideTheGrid = /_sensor$|_regulator$|^fault$/;
/** Attributes that are not read and do not matter for a symmetric calculation. */
const zeroSequence = /^(?:r0|x0|c0|tan0|g0|b0|z01_ratio|i_n|sn)$|^winding_|_grounding_/;

export interface PowerGridModelOptions {
  /** System frequency for the lines' capacitance. Default 50. */
  readonly hz?: number;
}

/**
 * Reads an input data set of power-grid-model in JSON (version 1.0, not a batch) for a symmetric calculation. Ids keep their number; status
 * flags become switches. The phase powers of `asym_` elements are summed, and reported. Throws LS-GRID-004 if the file is anything else,
 * LS-GRID-003 if an attribute is missing or wrong.
 */
export function importPowerGridModel(text: string, id = 'network', options: PowerGridModelOptions = {}): Imported {
  const { hz = 50 } = options;
  const data = readData(text);
  const omitted: Omission[] = [];
  const omit: Omit = (of, field, detail, changesResult = true) => {
    omitted.push({ element: of.label, field, detail, changesResult });
  };
  const of = (kind: string): Element[] => {
    const read = new Set<string>();
    reads.set(kind, read);
    const list = data[kind] ?? [];
    if (!Array.isArray(list)) throw new LoadstoneError('LS-GRID-003', `data.${kind} must be an array`);
    return (list as Record<string, unknown>[]).map((attributes) => new Element(kind, attributes, read));
  };
  const reads = new Map<string, Set<string>>();
  const elements = new Map(known.map((kind) => [kind, of(kind)]));
  const each = (kind: string): Element[] => elements.get(kind) ?? [];
  const live = (kind: string): Element[] =>
    each(kind).filter((element) => {
      if (element.number('status', 1) === 1) return true;
      omit(element, 'status', 'out of service', false);
      return false;
    });

  const buses = each('node').map((node): Bus => ({ id: node.id, nominalKv: node.number('u_rated') / 1000 }));
  const kv = new Map(buses.map((bus) => [bus.id, bus.nominalKv]));
  const switches: Switch[] = [];
  const ends = (branch: Element, sides: readonly (readonly [string, string])[]): void => {
    for (const [node, status] of sides)
      if (branch.number(status, 1) !== 1)
        switches.push({ id: `${branch.id}-${status}`, bus: branch.ref(node), branch: branch.id, closed: false });
  };
  const two = [
    ['from_node', 'from_status'],
    ['to_node', 'to_status'],
  ] as const;
  const three = [
    ['node_1', 'status_1'],
    ['node_2', 'status_2'],
    ['node_3', 'status_3'],
  ] as const;
  for (const kind of ['line', 'transformer']) for (const branch of each(kind)) ends(branch, two);
  for (const branch of each('three_winding_transformer')) ends(branch, three);
  for (const link of each('link'))
    switches.push({
      id: link.id,
      bus: link.ref('from_node'),
      toBus: link.ref('to_node'),
      closed: link.number('from_status', 1) === 1 && link.number('to_status', 1) === 1,
    });

  const network = {
    format: 'loadstone-grid' as const,
    version: 1 as const,
    id,
    name: id,
    baseMva: 1,
    topologyVersion: 0,
    buses,
    lines: each('line').map((line) => readLine(line, kv, hz)),
    transformers: each('transformer').map((transformer) => readTransformer(transformer, kv, omit)),
    sources: live('source').map(readSource),
    loads: [
      ...live('sym_load').map((load) => readLoad(load, 1)),
      ...live('sym_gen').flatMap((gen) => (gen.number('type', 0) === 0 ? [] : [readLoad(gen, -1)])),
      ...live('asym_load').map((load) => summed(load, 1, omit)),
      ...live('asym_gen').map((gen) => summed(gen, -1, omit)),
    ],
    shunts: live('shunt').map((shunt): Shunt => {
      const square = (kv.get(shunt.ref('node')) ?? 0) ** 2 * 1000;
      return {
        id: shunt.id,
        bus: shunt.ref('node'),
        gKw: shunt.number('g1') * square,
        bKvar: shunt.number('b1') * square,
      };
    }),
    feeders: [],
    threeWindingTransformers: each('three_winding_transformer').map((winding) => readThreeWinding(winding, kv, omit)),
    switches,
    generators: live('sym_gen').flatMap((gen) => (gen.number('type', 0) === 0 ? [readGenerator(gen)] : [])),
  };
  for (const gen of live('sym_gen'))
    if (gen.number('type', 0) !== 0) omit(gen, 'type', 'voltage-dependent: kept as a load of opposite sign', false);
  omitted.push(...unread(elements, reads), ...others(data));
  return { network: { ...network }, omitted: unique(omitted) };
}

function readData(text: string): Record<string, unknown> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-GRID-003', `the file is not JSON: ${messageOf(error)}`);
  }
  const { type, is_batch, data } = (file ?? {}) as Record<string, unknown>;
  if (type !== 'input' || is_batch === true || typeof data !== 'object' || data === null || Array.isArray(data))
    throw new LoadstoneError(
      'LS-GRID-004',
      'not an input data set of power-grid-model, or a batch; give a single input data set',
    );
  return data as Record<string, unknown>;
}

function readLine(line: Element, kv: ReadonlyMap<string, number>, hz: number): Line {
  const from = line.ref('from_node');
  const susceptance = 2 * Math.PI * hz * line.number('c1') * 1e6;
  const conductance = susceptance * line.number('tan1', 0);
  const current = line.maybe('i_n');
  return {
    id: line.id,
    from,
    to: line.ref('to_node'),
    rOhm: line.number('r1'),
    xOhm: line.number('x1'),
    ...(susceptance === 0 ? {} : { bUs: susceptance }),
    ...(conductance === 0 ? {} : { gUs: conductance }),
    ...(current === undefined ? {} : { ratedKva: Math.sqrt(3) * (kv.get(from) ?? 0) * current }),
  };
}

/** power-grid-model's default short-circuit power. */
const DEFAULT_SK_VA = 1e10;

function readSource(source: Element): Source {
  const angle = source.number('u_ref_angle', 0);
  return {
    id: source.id,
    bus: source.ref('node'),
    voltagePu: source.number('u_ref'),
    ...(angle === 0 ? {} : { angleDeg: (angle * 180) / Math.PI }),
    shortCircuitMva: source.number('sk', DEFAULT_SK_VA) / 1e6,
    rxRatio: source.number('rx_ratio', 0.1),
  };
}

/** Type 0 is constant power, 1 constant impedance, 2 constant current. */
function readLoad(element: Element, sign: number): Load {
  const type = element.number('type', 0);
  return {
    id: element.id,
    bus: element.ref('node'),
    activePowerKw: (sign * element.number('p_specified')) / 1000,
    reactivePowerKvar: (sign * element.number('q_specified')) / 1000,
    ...(type === 1 ? { activeImpedancePct: 100, reactiveImpedancePct: 100 } : {}),
    ...(type === 2 ? { activeCurrentPct: 100, reactiveCurrentPct: 100 } : {}),
  };
}

const readGenerator = (gen: Element): Generator => ({
  id: gen.id,
  bus: gen.ref('node'),
  activePowerKw: -gen.number('p_specified') / 1000,
  reactivePowerKvar: -gen.number('q_specified') / 1000,
});

function summed(element: Element, sign: number, omit: Omit): Load {
  omit(element, 'p_specified', 'summed over three phases');
  const type = element.number('type', 0);
  return {
    id: element.id,
    bus: element.ref('node'),
    activePowerKw: (sign * element.sum('p_specified')) / 1000,
    reactivePowerKvar: (sign * element.sum('q_specified')) / 1000,
    ...(type === 1 ? { activeImpedancePct: 100, reactiveImpedancePct: 100 } : {}),
    ...(type === 2 ? { activeCurrentPct: 100, reactiveCurrentPct: 100 } : {}),
  };
}

function unread(
  elements: ReadonlyMap<string, readonly Element[]>,
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): Omission[] {
  const found: Omission[] = [];
  for (const [kind, list] of elements)
    for (const element of list)
      for (const attribute of element.attributes())
        if (reads.get(kind)?.has(attribute) !== true)
          found.push({
            element: element.label,
            field: attribute,
            detail: zeroSequence.test(attribute)
              ? 'has no effect in a symmetric calculation'
              : 'not part of the network model',
            changesResult: false,
          });
  return found;
}

function others(data: Record<string, unknown>): Omission[] {
  return Object.entries(data).flatMap(([kind, list]): Omission[] =>
    known.includes(kind) || !Array.isArray(list)
      ? []
      : (list as { readonly id?: unknown }[]).map((element) => ({
          element: `${kind} ${String(element.id)}`,
          field: 'all',
          detail: 'not part of the network model',
          changesResult: !besideTheGrid.test(kind),
        })),
  );
}

/** Removes duplicates: an element out of service may be visited twice. */
function unique(omitted: readonly Omission[]): Omission[] {
  const seen = new Map(omitted.map((each) => [`${each.element}|${each.field}`, each]));
  return [...seen.values()];
}
