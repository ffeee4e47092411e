import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import { maySucceed } from './expiry.ts';
import { gate, LEAST_DAYS, type GateReport } from './gate.ts';
import type { ModelRegistry, RegistryEntry } from './registry.ts';

export interface CandidateRules {
  readonly registry: ModelRegistry;
  /** Plant time, ms UTC. */
  readonly now: number;
  /** Losses of a model on recent days that it was not trained on, measured if the registry has too few. */
  readonly measure: ((entry: RegistryEntry) => Promise<readonly DayScore[]>) | undefined;
}

const RECENT_MS = 30 * 86_400_000;

/** Compares a candidate with its place's incumbent on days that neither was trained on. */
export async function judgeCandidate(
  entry: Pick<RegistryEntry, 'manifest' | 'role' | 'evidence'>,
  { registry, now, measure }: CandidateRules,
): Promise<GateReport> {
  const { manifest, role, evidence } = entry;
  const incumbent = await registry.active(manifest.target, role);
  const daysOf = async (one: Pick<RegistryEntry, 'evidence'>, stored?: RegistryEntry): Promise<readonly DayScore[]> => {
    // For an imported incumbent, only days after its creation are certainly unseen. A candidate is tested in its shadow.
    const isClaimed = one === incumbent && one.evidence.imported === true;
    const unseen = one.evidence.days.filter(({ day }) => !isClaimed || day >= incumbent.manifest.createdAt);
    const recent = unseen.filter(({ day }) => day > now - RECENT_MS);
    if (recent.length >= LEAST_DAYS || measure === undefined || stored === undefined) return unseen;
    const measured = await measure(stored);
    return measured.length > recent.length ? measured : recent;
  };
  const own = await daysOf(entry, await registry.get(manifest.id));
  const before = incumbent === undefined ? undefined : await daysOf(incumbent, incumbent);
  const standing = role === 'cloud' ? 'sameHourMean' : 'seasonalNaive';
  const ageing = incumbent !== undefined && maySucceed(entry, incumbent, now);
  return gate(own, before, { standing, strict: evidence.imported === true, isAgeing: ageing });
}
