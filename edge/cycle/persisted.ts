import { Type, type Static } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { DocumentReport } from '../../shared/contracts/report.ts';
import type { Outcome } from '../../shared/outcome/outcome.ts';
import { ControlState } from '../control/state.ts';

/** What is persisted each second and read at the start. */
export const Persisted = Type.Object({
  version: Type.Literal(1),
  control: ControlState,
  /** Outcomes of commands, so that the same id acts once also after a restart. */
  outcomes: Type.Array(DocumentReport, { maxItems: 500 }),
});
export type Persisted = Static<typeof Persisted>;

const check = checker(Persisted, 'LS-JOURNAL-001');

export function parsePersisted(json: string): Outcome<Persisted> {
  const parsed = parseJson(json, { code: 'LS-JOURNAL-001', maxChars: 4_000_000 });
  return parsed.ok ? check(parsed.value) : parsed;
}
