import { LoadstoneError } from '../outcome/outcome.ts';
import { readDelimited, type Delimited, type Entry } from './delimited.ts';
import type { Imported, Omission } from './imported.ts';
import { noLoadPower } from './nameplate.ts';
import type { Bus, Generator, Line, Load, Network, Source, Storage, Switch, Transformer } from './network.ts';

/** Text of each file by its base name: `Node.csv`, `Line.csv` ... */
export type SimbenchFiles = ReadonlyMap<string, string>;

/** Files without elements: results, study cases, names. Profiles are read by `--profile`. */
const beside = ['NodePFResult', 'StudyCases', 'Coordinates', 'Substation', 'LoadProfile', 'RESProfile'];
const elements = [
  'Node',
  'Line',
  'LineType',
  'Transformer',
  'TransformerType',
  'Load',
  'RES',
  'PowerPlant',
  'Storage',
  'Shunt',
  'ExternalNet',
  'Switch',
];
const besideTheGrid = [...beside, 'PowerPlantProfile', 'StorageProfile', 'Measurement', 'Transformer3WType'];

interface Reading {
  readonly entries: (file: string) => readonly Entry[];
  readonly find: (file: string, id: string, wanted: string) => Entry;
  readonly kv: ReadonlyMap<string, number>;
  readonly node: ReadonlyMap<string, Entry>;
  readonly omit: (element: string, field: string, detail: string, changesResult?: boolean) => void;
}

/**
 * Reads a SimBench set of CSV files. Ids are SimBench's own; elements keep the names of their profiles. Transformers follow the T model,
 * like SimBench's own results. Throws LS-GRID-003 with file and line.
 */
export function importSimbench(files: SimbenchFiles, id = 'network'): Imported {
  const omitted: Omission[] = [];
  const tables = new Map<string, Delimited>();
  for (const name of elements) {
    const text = files.get(`${name}.csv`);
    if (text !== undefined) tables.set(name, readDelimited(text, `${name}.csv`));
  }
  if (!tables.has('Node')) throw new LoadstoneError('LS-GRID-003', 'Node.csv is missing');
  const entries = (file: string): readonly Entry[] => tables.get(file)?.entries ?? [];
  const coordinates = new Map(
    readDelimited(files.get('Coordinates.csv') ?? 'id;x;y', 'Coordinates.csv').entries.map((each) => [
      each.text('id'),
      each,
    ]),
  );
  const buses = entries('Node').map((each) => bus(each, coordinates));
  const reading: Reading = {
    entries,
    find: (file, wanted, of) => {
      const found = entries(file).find((each) => each.text('id') === wanted);
      if (found === undefined) throw new LoadstoneError('LS-GRID-003', `${of}: type "${wanted}" is not in ${file}.csv`);
      return found;
    },
    kv: new Map(buses.map((each) => [each.id, each.nominalKv])),
    node: new Map(entries('Node').map((each) => [each.text('id'), each])),
    omit: (element, field, detail, changesResult = true) => {
      omitted.push({ element, field, detail, changesResult });
    },
  };
  const plants = powerPlants(reading);
  const outside = externalNets(reading);
  for (const name of files.keys()) {
    const table = name.replace(/\.csv$/, '');
    if (elements.includes(table) || !name.endsWith('.csv')) continue;
    if (!beside.includes(table))
      reading.omit(name, 'all', 'not part of the network model', !besideTheGrid.includes(table));
  }
  const network: Network = {
    format: 'loadstone-grid',
    version: 1,
    id,
    name: id,
    baseMva: 1,
    topologyVersion: 0,
    buses,
    lines: entries('Line').map((each) => line(each, reading)),
    transformers: entries('Transformer').map((each) => transformer(each, reading)),
    sources: [...outside.sources, ...plants.sources],
    loads: [...entries('Load').map(load), ...outside.loads],
    shunts: [
      ...entries('Shunt').map((each) => ({
        id: each.text('id'),
        bus: each.text('node'),
        gKw: each.number('p0', 0) * each.number('step', 1) * 1000,
        bKvar: -each.number('q0', 0) * each.number('step', 1) * 1000,
      })),
      ...outside.shunts,
    ],
    feeders: [],
    switches: entries('Switch').map((each): Switch => ({
      id: each.text('id'),
      bus: each.text('nodeA'),
      toBus: each.text('nodeB'),
      closed: each.number('cond', 1) === 1,
    })),
    generators: [...entries('RES').map((each) => renewable(each, reading)), ...plants.generators],
    storages: entries('Storage').map((each): Storage => ({
      id: each.text('id'),
      bus: each.text('node'),
      activePowerKw: each.number('pStor', 0) * 1000,
      reactivePowerKvar: each.number('qStor', 0) * 1000,
      ...(each.maybe('eStore') === undefined ? {} : { energyKwh: each.number('eStore') * 1000 }),
      ...profileOf(each),
    })),
  };
  return { network, omitted };
}

function bus(each: Entry, coordinates: ReadonlyMap<string, Entry>): Bus {
  const place = coordinates.get(each.maybe('coordID') ?? '');
  return {
    id: each.text('id'),
    nominalKv: each.number('vmR'),
    ...(each.maybe('vmMin') === undefined ? {} : { vMinPu: each.number('vmMin') }),
    ...(each.maybe('vmMax') === undefined ? {} : { vMaxPu: each.number('vmMax') }),
    ...(place === undefined ? {} : { x: place.number('x'), y: place.number('y') }),
  };
}

const profileOf = (each: Entry): { profile?: string } => {
  const profile = each.maybe('profile');
  return profile === undefined ? {} : { profile };
};

function line(each: Entry, { find, kv }: Reading): Line {
  const id = each.text('id');
  const from = each.text('nodeA');
  const type = find('LineType', each.text('type'), `line "${id}"`);
  const km = each.number('length');
  return {
    id,
    from,
    to: each.text('nodeB'),
    rOhm: type.number('r') * km,
    xOhm: type.number('x') * km,
    bUs: type.number('b', 0) * km,
    ...(type.maybe('iMax') === undefined ? {} : { ratedKva: Math.sqrt(3) * (kv.get(from) ?? 0) * type.number('iMax') }),
  };
}

function transformer(each: Entry, { find, kv, omit }: Reading): Transformer {
  const id = each.text('id');
  const type = find('TransformerType', each.text('type'), `transformer "${id}"`);
  const from = each.text('nodeHV');
  const mva = type.number('sR');
  const [highKv, lowKv] = [type.number('vmHV'), type.number('vmLV')];
  const z = type.number('vmImp') / 100;
  const r = type.number('pCu') / 1000 / mva;
  const ohm = lowKv ** 2 / mva;
  const scale = ((kv.get(from) ?? highKv) / highKv) ** 2;
  const { ironKw, magnetisingKvar } = noLoadPower(type.number('pFe', 0), type.number('iNoLoad', 0), mva * 1000);
  const neutral = type.number('tapNeutr', 0);
  const steps = each.number('tappos', neutral) - neutral;
  if (steps !== 0 && type.number('dVa', 0) !== 0)
    omit(`transformer "${id}"`, 'dVa', 'tap step with an angle: treated as a plain ratio');
  if (each.number('autoTap', 0) === 1)
    omit(`transformer "${id}"`, 'autoTap', 'automatic tap changer: fixed at its present position', false);
  return {
    id,
    from,
    to: each.text('nodeLV'),
    ratedKva: mva * 1000,
    ratedFromKv: highKv,
    ratedToKv: lowKv,
    rOhm: r * ohm,
    xOhm: Math.sqrt(Math.max(0, z * z - r * r)) * ohm,
    ironKw: ironKw * scale,
    magnetisingKvar: magnetisingKvar * scale,
    noLoadAt: 'middle',
    ...(type.number('tapable', 0) === 1
      ? {
          tapSide: type.maybe('tapside') === 'LV' ? ('to' as const) : ('from' as const),
          tapPosition: steps,
          tapStepPct: type.number('dVm', 0),
          tapMin: type.number('tapMin', 0) - neutral,
          tapMax: type.number('tapMax', 0) - neutral,
        }
      : {}),
    shiftDeg: type.number('va0', 0),
  };
}

const load = (each: Entry): Load => ({
  id: each.text('id'),
  bus: each.text('node'),
  activePowerKw: each.number('pLoad') * 1000,
  reactivePowerKvar: each.number('qLoad', 0) * 1000,
  ...profileOf(each),
});

/** SimBench counts generation positive. */
const fedIn = (mega: number): number => (mega === 0 ? 0 : -mega * 1000);

/** A generator by its calculation type: `pq` has fixed power, `pvm` holds the voltage of its node. */
function byKind(each: Entry, power: { p: number; q: number }, { node, omit }: Reading): Generator {
  const id = each.text('id');
  const bus = each.text('node');
  const kind = each.maybe('calc_type') ?? 'pq';
  const rated = each.number('sR', 0);
  if (kind !== 'pq' && kind !== 'pvm') omit(`"${id}"`, 'calc_type', `"${kind}" treated as pq`);
  return {
    id,
    bus,
    activePowerKw: fedIn(power.p),
    ...(kind === 'pvm'
      ? { voltagePu: node.get(bus)?.number('vmSetp', 1) ?? 1 }
      : { reactivePowerKvar: fedIn(power.q) }),
    ...(rated > 0 ? { ratedKva: rated * 1000 } : {}),
    ...profileOf(each),
  };
}

const renewable = (each: Entry, reading: Reading): Generator =>
  byKind(each, { p: each.number('pRES'), q: each.number('qRES', 0) }, reading);

function powerPlants(reading: Reading): { sources: Source[]; generators: Generator[] } {
  const sources: Source[] = [];
  const generators: Generator[] = [];
  for (const each of reading.entries('PowerPlant'))
    if (each.maybe('calc_type') === 'vavm') sources.push(slack(each, reading));
    else generators.push(byKind(each, { p: each.number('pPP', 0), q: each.number('qPP', 0) }, reading));
  return { sources, generators };
}

function slack(each: Entry, { node }: Reading): Source {
  const bus = each.text('node');
  const angle = node.get(bus)?.number('vaSetp', 0) ?? 0;
  return {
    id: each.text('id'),
    bus,
    voltagePu: node.get(bus)?.number('vmSetp', 1) ?? 1,
    ...(angle === 0 ? {} : { angleDeg: angle }),
  };
}

/** Neighbouring grids: `vavm` is a source, `pq` a load, `Ward` a load with a shunt. */
function externalNets(reading: Reading): { sources: Source[]; loads: Load[]; shunts: Network['shunts'] } {
  const sources: Source[] = [];
  const loads: Load[] = [];
  const shunts: Network['shunts'] = [];
  for (const each of reading.entries('ExternalNet')) {
    const id = each.text('id');
    const bus = each.text('node');
    const kind = each.maybe('calc_type') ?? 'vavm';
    if (kind === 'vavm') {
      sources.push(slack(each, reading));
      continue;
    }
    if (kind !== 'pq' && kind !== 'Ward' && kind !== 'ward')
      reading.omit(`external net "${id}"`, 'calc_type', `"${kind}" treated as pq`);
    loads.push({
      id,
      bus,
      activePowerKw: each.number('pExtNet', 0) * 1000,
      reactivePowerKvar: each.number('qExtNet', 0) * 1000,
    });
    const [gKw, bKvar] = [each.number('pWardShunt', 0) * 1000, -each.number('qWardShunt', 0) * 1000];
    if (gKw !== 0 || bKvar !== 0) shunts.push({ id, bus, gKw, bKvar });
  }
  return { sources, loads, shunts };
}
