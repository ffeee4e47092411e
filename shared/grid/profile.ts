import { LoadstoneError } from '../outcome/outcome.ts';
import { readDelimited } from './delimited.ts';
import type { Network } from './network.ts';

export interface Profiles {
  readonly times: readonly string[];
  /** Elements whose power a column sets or scales. */
  readonly moved: readonly string[];
  readonly unusedColumns: readonly string[];
  /** The network with the powers of one step. */
  at(step: number): Network;
  /** The same powers for each load, generator and storage. */
  readonly draws: readonly Draw[];
}

/** Power of one element per step, load convention. */
export interface Draw {
  readonly bus: string;
  kw(step: number): number;
  kvar(step: number): number;
}

interface Powered {
  readonly id: string;
  readonly bus: string;
  readonly activePowerKw: number;
  readonly reactivePowerKvar?: number;
}

/**
 * Time series for a network's loads, generators and storages. The time is the column named `time`, or else the first column. Columns
 * `<element id>:kw` and `<element id>:kvar` set a power (load convention). Columns `<profile>_pload` and `<profile>_qload`, or `<profile>`
 * for both, scale the elements that name that profile. Several files add columns and must have the same times.
 */
export function readProfiles(
  network: Network,
  files: readonly { readonly name: string; readonly text: string }[],
): Profiles {
  const columns = new Map<string, number[]>();
  let times: readonly string[] = [];
  for (const { name, text } of files) {
    const { columns: header, entries } = readDelimited(text, name);
    const timeColumn = header.includes('time') ? 'time' : header[0]!;
    const own = entries.map((entry) => entry.text(timeColumn));
    if (times.length > 0 && (times.length !== own.length || own.some((time, at) => time !== times[at])))
      throw new LoadstoneError('LS-GRID-003', `${name}: its times differ from those of ${files[0]!.name}`);
    times = own;
    for (const column of header)
      if (column !== timeColumn)
        columns.set(
          column,
          entries.map((entry) => entry.number(column)),
        );
  }
  const used = new Set<string>();
  const moved = new Set<string>();
  const values = (id: string, candidates: readonly string[]): number[] | undefined => {
    const column = candidates.find((each) => columns.has(each));
    if (column === undefined) return undefined;
    used.add(column);
    moved.add(id);
    return columns.get(column);
  };
  interface Moves {
    readonly p: number[] | undefined;
    readonly q: number[] | undefined;
    readonly pFactor: number[] | undefined;
    readonly qFactor: number[] | undefined;
  }
  const moves = new Map<string, Moves>();
  const { generators = [], storages = [] } = network;
  const elements = [...network.loads, ...generators, ...storages];
  for (const { id, profile } of elements) {
    const factor = (kind: string): number[] | undefined =>
      profile === undefined ? undefined : values(id, [`${profile}_${kind}`, profile]);
    const p = values(id, [`${id}:kw`]);
    const q = values(id, [`${id}:kvar`]);
    moves.set(id, {
      p,
      q,
      pFactor: p === undefined ? factor('pload') : undefined,
      qFactor: q === undefined ? factor('qload') : undefined,
    });
  }
  const drawOf = (item: Powered): Draw => {
    const move = moves.get(item.id)!;
    return {
      bus: item.bus,
      kw: (step) => move.p?.[step] ?? item.activePowerKw * (move.pFactor?.[step] ?? 1),
      kvar: (step) => move.q?.[step] ?? (item.reactivePowerKvar ?? 0) * (move.qFactor?.[step] ?? 1),
    };
  };
  const at =
    (step: number) =>
    <T extends Powered>(item: T): T => {
      const draw = drawOf(item);
      const isReactive = item.reactivePowerKvar !== undefined || moves.get(item.id)!.q !== undefined;
      return {
        ...item,
        activePowerKw: draw.kw(step),
        ...(isReactive ? { reactivePowerKvar: draw.kvar(step) } : {}),
      };
    };
  return {
    times,
    moved: [...moved],
    unusedColumns: [...columns.keys()].filter((column) => !used.has(column)),
    at: (step) => ({
      ...network,
      loads: network.loads.map(at(step)),
      generators: generators.map(at(step)),
      storages: storages.map(at(step)),
    }),
    draws: elements.map(drawOf),
  };
}
