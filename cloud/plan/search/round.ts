import { billOf } from './bill.ts';
import { violationEur, type ViolationPrices } from './evaluate.ts';
import { inspect, type Proposal } from './inspect.ts';
import { isLarge, isWhole, type Layout, type Role } from '../problem/layout.ts';
import { BASIC, type LpBasis, type LpProblem, type LpResult, type LpSolver } from '../problem/lp.ts';
import { forgetRows, type NetworkModel } from './model.ts';
import { keyOf, writeRow, type NetworkRow } from './network-rows.ts';
import { priceTrade } from './programme-prices.ts';
import { upTo } from '../problem/sessions.ts';

/** Without losses the missing rows come to an end, so all of them are added if violations alone count. */
const HEALING_INNER = 40;

/** Roles whose best value is zero unless they remove a violation, and their cost, as a share of the dearest price. */
const IDLE: ReadonlySet<Role> = new Set<Role>(['feed-in', 'limit', 'charge', 'discharge']);
const IDLE_PART = 1e-3;

/** A network row that binds in the last programme, with its shadow price: EUR per percent or MW, over the step. */
export interface BindingRow {
  readonly row: NetworkRow;
  readonly dual: number;
}

/** Network rows that a programme starts with, and a basis that fits them. */
export interface Programme {
  readonly rows: readonly NetworkRow[];
  readonly basis: LpBasis | undefined;
}

export const COLD: Programme = { rows: [], basis: undefined };

export interface RoundOptions {
  readonly trust: number;
  readonly solver: LpSolver;
  readonly lossTolerance: number;
  readonly prices: ViolationPrices;
  /** Merit of the model's point: a proposal that does not promise less is worth some more solves. */
  readonly merit: number;
  /** Stepped devices stay at their positions. */
  readonly stays: boolean;
  /** Violations alone have a cost. */
  readonly healing: boolean;
  /** Steps in which reactive power stays: where it costs nothing, a programme would send it anywhere. */
  readonly resting?: ReadonlySet<number> | undefined;
}

export interface Round {
  readonly rows: readonly NetworkRow[];
  readonly result: LpResult;
  /** Undefined if the solver failed. */
  readonly proposal: Proposal | undefined;
  /** Merit of the proposal by the model, the rows that it still breaks included. */
  readonly promisedMerit: number;
  /** Whether it breaks no row. */
  readonly complete: boolean;
  readonly programmes: number;
  readonly iterations: number;
}

/** Solves the programme around a model and adds the rows that its solution breaks, until it breaks none or the solves are used up. */
export function solveAround(
  layout: Layout,
  model: NetworkModel,
  {
    rows: known,
    basis: start,
    trust,
    solver,
    lossTolerance,
    prices,
    merit,
    stays,
    healing,
    ...rest
  }: Programme & RoundOptions,
): Round {
  const { builder } = layout;
  const maxInner = healing ? HEALING_INNER : layout.options.maxInner;
  boundControls(layout, model.at.x, { trust, stays, ...rest });
  priceTrade(layout, model.at);
  builder.truncate(layout.staticRows);
  let rows = [...known];
  if (rows.length === 0) rows.push(...tangents(layout, model), ...departures(layout));
  for (const row of rows) writeRow(layout, model, row);
  if (isLarge(layout)) forgetRows(model);
  const written = new Set(rows.map(keyOf));
  let basis = start;
  let programmes = 0;
  let iterations = 0;
  for (;;) {
    const posed = healing ? violationsAlone(layout) : builder.pack();
    let result = solver.solve(posed, basis);
    iterations += result.iterations;
    if (result.status !== 'optimal' && basis !== undefined) {
      // A basis of another programme can lead the simplex astray: retries without one.
      result = solver.solve(posed);
      iterations += result.iterations;
    }
    programmes++;
    if (result.status !== 'optimal')
      return { rows, result, proposal: undefined, promisedMerit: Infinity, complete: true, programmes, iterations };
    const proposal = proposalOf(layout, result, {
      lossTolerance: healing ? Infinity : lossTolerance,
      stays: stays ? model.at.x : undefined,
    });
    const seen = inspect(layout, model, proposal);
    const missing = seen.rows.filter((row) => {
      const key = keyOf(row);
      return key === undefined || !written.has(key);
    });
    const complete = missing.length === 0;
    if (complete || programmes >= maxInner) {
      const objectiveEur = healing ? 0 : billOf(layout, proposal.x, seen).objectiveEur;
      const promisedMerit = objectiveEur + violationEur(layout, seen, prices);
      if (complete || promisedMerit < merit || programmes >= 2 * maxInner)
        return { rows, result, proposal, promisedMerit, complete, programmes, iterations };
    }
    basis = result.basis;
    if (isLarge(layout)) {
      // So many rows take more memory than all else. Those that do not bind go, and come back if they are broken again.
      builder.keep(layout.staticRows, bindingRows(layout, { rows, basis }));
      for (const row of rows) written.delete(keyOf(row));
      ({ rows, basis } = purged(layout, { rows, basis }));
      for (const row of rows) written.add(keyOf(row));
    }
    for (const row of missing) {
      rows.push(row);
      written.add(keyOf(row));
      writeRow(layout, model, row);
    }
    if (isLarge(layout)) forgetRows(model);
  }
}

/** The programme with the costs of violations only, and a cost of power so small that it only prevents moves without a cause. */
function violationsAlone({ builder, step, controls, dearest }: Layout): LpProblem {
  const problem = builder.pack();
  const costs = step.flatMap(({ slack }) =>
    Object.values(slack).flatMap((columns) =>
      columns.flatMap(({ mid, corner }) => [mid, corner].map((column) => [column, problem.cost[column]!] as const)),
    ),
  );
  problem.cost.fill(0);
  for (let at = 0; at < step.length * controls.length; at++)
    if (IDLE.has(controls[at % controls.length]!.role)) problem.cost[at] = IDLE_PART * dearest;
  for (const [column, cost] of costs) problem.cost[column] = cost;
  return problem;
}

/** Tangents of the losses at the model's point, one for each step. */
function tangents(layout: Layout, { at }: NetworkModel): NetworkRow[] {
  const width = layout.controls.length;
  return Array.from({ length: layout.steps }, (_, step) => ({
    kind: 'loss',
    step,
    point: at.x.slice(step * width, (step + 1) * width),
  }));
}

/** Energy that is due by each departure. */
function departures(layout: Layout): NetworkRow[] {
  return layout.problem.devices.flatMap((item, device) => {
    if (item.kind !== 'ev') return [];
    const lasts = item.sessions.filter(({ energyKwh }) => Number.isFinite(energyKwh)).map(({ lastStep }) => lastStep);
    return [...new Set(lasts)]
      .filter((step) => step >= 0)
      .map((step): NetworkRow => ({ kind: 'sessions', step, device, side: 'due', steps: upTo(layout.steps, step) }));
  });
}

function boundControls(
  layout: Layout,
  x: Float64Array,
  { trust, stays, resting }: Pick<RoundOptions, 'trust' | 'stays' | 'resting'>,
): void {
  const width = layout.controls.length;
  for (let at = 0; at < x.length; at++) {
    const { role } = layout.controls[at % width]!;
    if ((stays && isWhole(role)) || (role === 'reactive' && resting?.has(Math.floor(at / width)) === true)) {
      layout.builder.bounds(at, x[at]!, x[at]!);
      continue;
    }
    const least = layout.lower[at]!;
    const most = layout.upper[at]!;
    const room = trust >= 1 ? Infinity : trust * (most - least);
    layout.builder.bounds(at, Math.max(least, x[at]! - room), Math.min(most, x[at]! + room));
  }
}

function proposalOf(
  layout: Layout,
  result: LpResult,
  { lossTolerance, stays }: { readonly lossTolerance: number; readonly stays: Float64Array | undefined },
): Proposal {
  const width = layout.controls.length;
  const size = layout.steps * width;
  const x = result.x.slice(0, size);
  for (let at = 0; at < size; at++)
    x[at] =
      stays !== undefined && isWhole(layout.controls[at % width]!.role)
        ? stays[at]!
        : Math.min(layout.upper[at]!, Math.max(layout.lower[at]!, x[at]!));
  return {
    x,
    losses: Float64Array.from(layout.step, (columns) => result.x[columns.losses]!),
    all: result.x,
    lossTolerance,
  };
}

/** Drops rows that did not bind, with their basic slacks, so that the basis still fits. Equalities of losses are made anew. */
export function purged<Known extends Programme>(
  layout: Layout,
  { rows, basis }: Known,
): { readonly rows: NetworkRow[]; readonly basis: Known['basis'] } {
  if (basis === undefined) return { rows: [...rows], basis };
  const keep = bindingRows(layout, { rows, basis });
  const status = [...basis.rowStatus.subarray(0, layout.staticRows)];
  for (const [index, binds] of keep.entries()) if (binds) status.push(basis.rowStatus[layout.staticRows + index]!);
  return {
    rows: rows.filter((_, index) => keep[index]),
    basis: { columnStatus: basis.columnStatus, rowStatus: Int32Array.from(status) },
  };
}

const bindingRows = ({ staticRows }: Layout, { rows, basis }: Programme): boolean[] =>
  rows.map((_, index) => basis?.rowStatus[staticRows + index] !== BASIC);

export function bindingOf(rows: readonly NetworkRow[], result: LpResult): BindingRow[] {
  const first = result.rowDual.length - rows.length;
  return rows
    .map((row, index) => ({ row, dual: result.rowDual[first + index]! }))
    .filter(({ row, dual }) => row.kind !== 'loss' && Math.abs(dual) > 1e-6);
}

/** Cost of one more MWh of consumption at the source per step, EUR. */
export const energyPrices = (layout: Layout, { rowDual }: LpResult): Float64Array =>
  Float64Array.from(layout.step, ({ balance }, step) => rowDual[balance]! / layout.hours[step]!);
