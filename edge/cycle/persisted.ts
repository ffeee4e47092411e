import { Type, type Static } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { DocumentReport } from '../../shared/contracts/report.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import { BudgetState } from './budget.ts';
import { ControlState } from '../control/state.ts';

export const PersistedLoads = Type.Object({
  start: Type.Number(),
  stepS: Type.Number({ exclusiveMinimum: 0 }),
  values: Type.Array(Type.Union([Type.Number(), Type.Null()]), { maxItems: 10_000 }),
});
export type PersistedLoads = Static<typeof PersistedLoads>;

/** State that is persisted each second and read at the start. */
export const Persisted = Type.Object({
  version: Type.Literal(1),
  control: ControlState,
  /** Outcomes of commands, so that an id acts once even across a restart. */
  outcomes: Type.Array(DocumentReport, { maxItems: 500 }),
  /** Mean uncontrolled load per step, kW, for the local forecast; null where unknown. */
  loads: Type.Optional(PersistedLoads),
  budget: Type.Optional(BudgetState),
});
export type Persisted = Static<typeof Persisted>;

const check = checker(Persisted, 'LS-JOURNAL-001');

/** Fields that control can do without. An unreadable one is dropped, so that overrides and limits survive. */
const SPARED = ['loads', 'budget'] as const;

/** Parses the state; `left` names the fault of the fields that were dropped. */
export function parsePersisted(json: string): Outcome<{ readonly state: Persisted; readonly left: Fault | null }> {
  const parsed = parseJson(json, { code: 'LS-JOURNAL-001', maxChars: 4_000_000 });
  if (!parsed.ok) return parsed;
  const whole = check(parsed.value);
  if (whole.ok) return good({ state: whole.value, left: null });
  const rest = { ...(parsed.value as object) } as Record<string, unknown>;
  for (const name of SPARED) delete rest[name];
  const spared = check(rest);
  return spared.ok ? good({ state: spared.value, left: whole.fault }) : spared;
}

const checkLoads = checker(PersistedLoads, 'LS-CONFIG-002');

/** Parses a file of past loads for the first start. */
export function parseLoads(json: string): Outcome<PersistedLoads> {
  const parsed = parseJson(json, { code: 'LS-CONFIG-002', maxChars: 4_000_000 });
  return parsed.ok ? checkLoads(parsed.value) : parsed;
}

export const seriesOf = ({ start, stepS, values }: PersistedLoads): LoadSeries => ({
  start,
  stepS,
  values: Float64Array.from(values, (value) => value ?? Number.NaN),
});

export const loadsOf = ({ start, stepS, values }: LoadSeries): PersistedLoads => ({
  start,
  stepS,
  values: Array.from(values, (value) => (Number.isFinite(value) ? Math.round(value * 10) / 10 : null)),
});
