import type { Outcome } from './outcome.ts';
import type { ArmId, Protocol, Statement } from './protocol.ts';
import { beyondMargin, seedsOf } from './regret.ts';
import type { ArmRun } from './run-arm.ts';
import { holm, pLess, type Dated } from './statistics.ts';

export interface Tested {
  readonly id: string;
  readonly says: string;
  /** Holm-adjusted; null when untestable, with the reason in `why`. */
  readonly p: number | null;
  readonly verdict: 'holds' | 'inconclusive' | 'not tested';
  readonly why: string;
}

/** The compared figures by name; lower is better in each. */
export type Figures = ReadonlyMap<string, (outcome: Outcome) => number>;

interface Means {
  readonly protocol: Protocol;
  readonly figures: Figures;
}

export const key = ({ scenario, seed }: Pick<ArmRun, 'scenario' | 'seed'>): string => `${scenario} ${seed}`;

/** F minus the rival, per seed. */
export function differences(runs: readonly ArmRun[], rival: ArmId, of: (outcome: Outcome) => number): Dated[] {
  const theirs = new Map(runs.filter(({ arm }) => arm === rival).map((run) => [key(run), of(run.outcome)]));
  return runs.flatMap((run) => {
    const other = theirs.get(key(run));
    return run.arm === 'F' && other !== undefined ? [{ day: run.day, value: of(run.outcome) - other }] : [];
  });
}

/** Tests the statements of the protocol. `whyNot`: why the runs confirm nothing; undefined if they do. */
export function tested(
  runs: readonly ArmRun[],
  { protocol, figures, whyNot }: Means & { readonly whyNot: string | undefined },
): Tested[] {
  const { statements } = protocol.confirmatory;
  const p = statements.map((statement) => pOf(runs, statement, { protocol, figures }));
  // A statement without a run counts in the family: to run fewer arms must not ease the correction.
  const corrected = holm(p.map((each) => each ?? 1));
  return statements.map(({ id, says }, index): Tested => {
    if (p[index] === null) return { id, says, p: null, verdict: 'not tested', why: 'no relevant runs' };
    const own = corrected[index]!;
    const holds = own <= (1 - protocol.outcomes.bootstrap.level) / 2;
    const why = whyNot === undefined ? '' : `${whyNot}, so the run confirms nothing`;
    return { id, says, p: own, verdict: holds && whyNot === undefined ? 'holds' : 'inconclusive', why };
  });
}

/** A statement against several rivals must hold against each, so the largest p counts and needs no correction among them. */
function pOf(
  runs: readonly ArmRun[],
  { kind, outcome, rivals, scenarios }: Statement,
  { protocol, figures }: Means,
): number | null {
  const those = runs.filter(({ scenario }) => scenarios === undefined || scenarios.includes(scenario));
  const of = figures.get(outcome ?? '');
  if (kind === 'less' && of === undefined) return null;
  const seeds = seedsOf(those);
  const rows = rivals.map((rival) => (kind === 'less' ? differences(those, rival, of!) : beyondMargin(seeds, rival)));
  if (rows.some(({ length }) => length === 0)) return null;
  return Math.max(...rows.map((each) => pLess(each, protocol.outcomes.bootstrap)));
}
