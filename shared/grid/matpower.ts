import { LoadstoneError } from '../outcome/outcome.ts';
import type { Imported, Omission } from './imported.ts';
import { runCaseFile, type Matrix } from './matlab.ts';
import type { Bus, Generator, Line, Load, Shunt, Source, Transformer } from './network.ts';

interface Branches {
  readonly lines: Line[];
  readonly transformers: Transformer[];
}

const PV = 2;
const REF = 3;
const ISOLATED = 4;
/** Smallest ratio of a transformer's tap voltage to its rated voltage. The largest is its inverse. */
const LEAST_RATIO = 0.2;

/**
 * Reads a MATPOWER case, version 2, including the conversion code at its end. Buses get their number as id, branches `l1`, `l2` ... or
 * `t16` (transformers) by row. Generators become sources at reference buses, voltage-holding generators at voltage-controlled buses, and
 * loads of the opposite sign elsewhere. Throws LS-GRID-004 with the line that is not understood, LS-GRID-003 if a matrix is missing or too
 * narrow.
 */
export function importMatpower(text: string, id = 'network'): Imported {
  const { fields } = runCaseFile(text);
  const baseMva = fields.get('baseMVA');
  if (typeof baseMva !== 'number' || !(baseMva > 0))
    throw new LoadstoneError('LS-GRID-003', 'mpc.baseMVA must be a number above 0');
  const bus = matrix(fields.get('bus'), 'bus', 13);
  const gen = matrix(fields.get('gen'), 'gen', 8);
  const branch = matrix(fields.get('branch'), 'branch', 11);
  const omitted: Omission[] = [];

  const isFlat = bus.every((row) => row[7] === 1 && row[8] === 0);
  for (const row of bus) {
    if (row[9]! > 0) continue;
    row[9] = 1;
    omitted.push({
      element: `bus ${row[0]}`,
      field: 'BASE_KV',
      detail: 'no base voltage; assumed 1 kV',
      changesResult: false,
    });
  }
  const buses = bus.map((row): Bus => ({
    id: String(row[0]),
    nominalKv: row[9]!,
    vMinPu: row[12]!,
    vMaxPu: row[11]!,
    ...(isFlat ? {} : statedVoltage(row)),
  }));

  const { sources, loads: generated, holding } = generators(bus, gen, omitted);
  const converted = branches(branch, new Map(bus.map((row) => [row[0]!, row])), baseMva, omitted);
  for (const field of fields.keys())
    if (!['version', 'baseMVA', 'bus', 'gen', 'branch'].includes(field))
      omitted.push({
        element: `mpc.${field}`,
        field: 'all',
        detail: 'not part of the network model',
        changesResult: false,
      });

  for (const row of bus)
    if (row[1] === ISOLATED)
      omitted.push({ element: `bus ${row[0]}`, field: 'BUS_TYPE', detail: 'out of service', changesResult: false });
  const inService = bus.filter((row) => row[1] !== ISOLATED);
  const loads = inService.flatMap((row): Load[] =>
    row[2] === 0 && row[3] === 0
      ? []
      : [
          {
            id: `load-${row[0]}`,
            bus: String(row[0]),
            activePowerKw: row[2]! * 1000,
            reactivePowerKvar: row[3]! * 1000,
          },
        ],
  );
  const shunts = inService.flatMap((row): Shunt[] =>
    row[4] === 0 && row[5] === 0
      ? []
      : [{ id: `shunt-${row[0]}`, bus: String(row[0]), gKw: row[4]! * 1000, bKvar: row[5]! * 1000 }],
  );
  const name = /^[ \t]*function[ \t]+mpc[ \t]*=[ \t]*(\w+)/m.exec(text)?.[1] ?? id;
  return {
    network: {
      format: 'loadstone-grid',
      version: 1,
      id,
      name,
      baseMva,
      topologyVersion: 0,
      buses,
      lines: converted.lines,
      transformers: converted.transformers,
      sources,
      loads: [...loads, ...generated],
      shunts,
      feeders: [],
      ...(holding.length > 0 ? { generators: holding } : {}),
    },
    omitted,
  };
}

/** The voltage in the file: often that of a solved power flow. */
const statedVoltage = (row: readonly number[]): Pick<Bus, 'startPu' | 'startDeg'> =>
  row[7]! > 0 && Number.isFinite(row[7]) && Number.isFinite(row[8]) ? { startPu: row[7]!, startDeg: row[8]! } : {};

function matrix(value: unknown, name: string, columns: number): Matrix {
  if (!Array.isArray(value)) throw new LoadstoneError('LS-GRID-003', `mpc.${name} is missing`);
  const rows = value as Matrix;
  if (rows.length > 0 && rows[0]!.length < columns)
    throw new LoadstoneError('LS-GRID-003', `mpc.${name} has ${rows[0]!.length} columns; version 2 has ${columns}`);
  return rows;
}

/** MATPOWER counts generation positive; we count consumption. */
const asLoad = (mega: number): number => -mega * 1000;

interface Generation {
  readonly sources: Source[];
  readonly loads: Load[];
  readonly holding: Generator[];
}

function generators(bus: Matrix, gen: Matrix, omitted: Omission[]): Generation {
  const holding: Generator[] = [];
  const sources: Source[] = [];
  const loads: Load[] = [];
  const busRow = new Map(bus.map((row) => [row[0]!, row]));
  for (const [at, row] of gen.entries()) {
    const [number, p, q, , , vg] = row as [number, number, number, number, number, number];
    const element = `gen ${at + 1} (bus ${number})`;
    const at0 = busRow.get(number);
    if (at0 === undefined) throw new LoadstoneError('LS-GRID-003', `${element}: bus ${number} does not exist`);
    if (!(row[7]! > 0)) {
      omitted.push({ element, field: 'GEN_STATUS', detail: 'out of service', changesResult: false });
      continue;
    }
    if (at0[1] === REF) {
      const other = sources.find((source) => source.bus === String(number));
      if (other === undefined)
        sources.push({ id: `source-${number}`, bus: String(number), voltagePu: vg, angleDeg: at0[8]! });
      else if (other.voltagePu !== vg)
        omitted.push({
          element,
          field: 'VG',
          detail: `${vg} pu, where ${other.id} holds the bus at ${other.voltagePu} pu`,
          changesResult: true,
        });
      continue;
    }
    if (at0[1] === PV) {
      const other = holding.find((each) => each.bus === String(number));
      if (other !== undefined && other.voltagePu !== vg)
        omitted.push({
          element,
          field: 'VG',
          detail: `${vg} pu, where ${other.id} holds the bus at ${other.voltagePu} pu`,
          changesResult: true,
        });
      holding.push({
        id: `gen-${at + 1}`,
        bus: String(number),
        activePowerKw: asLoad(p),
        voltagePu: other?.voltagePu ?? vg,
        ...(Number.isFinite(row[3]) ? { reactiveMinKvar: asLoad(row[3]!) } : {}),
        ...(Number.isFinite(row[4]) ? { reactiveMaxKvar: asLoad(row[4]!) } : {}),
      });
      continue;
    }
    if (at0[1] !== ISOLATED)
      loads.push({
        id: `gen-${at + 1}`,
        bus: String(number),
        activePowerKw: asLoad(p),
        reactivePowerKvar: asLoad(q),
      });
  }
  for (const row of bus)
    if (row[1] === REF && !sources.some((source) => source.bus === String(row[0])))
      omitted.push({
        element: `bus ${row[0]}`,
        field: 'BUS_TYPE',
        detail: 'reference bus without a generator in service',
        changesResult: true,
      });
  return { sources, loads, holding };
}

function branches(
  rows: Matrix,
  busRow: ReadonlyMap<number, readonly number[]>,
  baseMva: number,
  omitted: Omission[],
): Branches {
  const result: Branches = { lines: [], transformers: [] };
  for (const [at, row] of rows.entries()) {
    const [f, t, r, x, b, rateA, , , tap, shift, status] = row as number[] & [number, number, number, number, number];
    const element = `branch ${at + 1} (${f}-${t})`;
    for (const end of [f, t])
      if (!busRow.has(end)) throw new LoadstoneError('LS-GRID-003', `${element}: bus ${end} does not exist`);
    const fromKv = busRow.get(f)![9]!;
    const toKv = busRow.get(t)![9]!;
    const ohm = toKv ** 2 / baseMva;
    const rated = rateA! > 0 ? { ratedKva: rateA! * 1000 } : {};
    const isolated = [f, t].some((end) => busRow.get(end)![1] === ISOLATED);
    const open = status! > 0 && !isolated ? {} : { closed: false };
    const ends = { from: String(f), to: String(t), rOhm: r * ohm, xOhm: x * ohm, ...open };
    if (tap === 0 && shift === 0 && fromKv === toKv) {
      result.lines.push({ id: `l${at + 1}`, ...ends, ...(b === 0 ? {} : { bUs: (b / ohm) * 1e6 }), ...rated });
      continue;
    }
    const ratio = tap === 0 ? 1 : tap!;
    if (!(ratio >= LEAST_RATIO && ratio <= 1 / LEAST_RATIO))
      throw new LoadstoneError(
        'LS-GRID-003',
        `${element}: TAP is ${tap}; it must be 0 for a line, or a ratio between ${LEAST_RATIO} and ${1 / LEAST_RATIO}`,
      );
    result.transformers.push({
      id: `t${at + 1}`,
      ...ends,
      ratedKva: baseMva * 1000,
      ...rated,
      ratedFromKv: fromKv * ratio,
      ratedToKv: toKv,
      ...(shift === 0 ? {} : { shiftDeg: shift! }),
      // Half of the charging is at each end of the series impedance, behind the ratio.
      ...(b === 0 ? {} : { magnetisingKvar: (-b * baseMva * 1000) / ratio ** 2, noLoadAt: 'both' as const }),
    });
    if (!(rateA! > 0))
      omitted.push({ element, field: 'RATE_A', detail: 'no rating; assumed baseMVA', changesResult: false });
  }
  return result;
}
