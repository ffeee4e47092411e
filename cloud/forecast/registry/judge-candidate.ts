import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import { isAgeing } from './expiry.ts';
import { gate, LEAST_DAYS, type GateReport } from './gate.ts';
import type { ModelRegistry, RegistryEntry } from './registry.ts';

export interface CandidateRules {
  readonly registry: ModelRegistry;
  /** Plant time, ms UTC. */
  readonly now: number;
  /** Losses of a model itself on recent days that it has not seen, where the registry knows too few. */
  readonly measure: ((entry: RegistryEntry) => Promise<readonly DayScore[]>) | undefined;
}

const RECENT_MS = 30 * 86_400_000;

/** Holds a candidate against its place's incumbent on days that neither has seen. */
export async function judgeCandidate(
  entry: Pick<RegistryEntry, 'manifest' | 'role' | 'evidence'>,
  { registry, now, measure }: CandidateRules,
): Promise<GateReport> {
  const { manifest, role, evidence } = entry;
  const incumbent = await registry.active(manifest.target, role);
  const daysOf = async (one: Pick<RegistryEntry, 'evidence'>, kept?: RegistryEntry): Promise<readonly DayScore[]> => {
    // Of what was trained elsewhere the cloud knows that it has not seen what came after it; a candidate has its shadow for that.
    const isClaimed = one === incumbent && one.evidence.imported === true;
    const unseen = one.evidence.days.filter(({ day }) => !isClaimed || day >= incumbent.manifest.createdAt);
    const recent = unseen.filter(({ day }) => day > now - RECENT_MS);
    if (recent.length >= LEAST_DAYS || measure === undefined || kept === undefined) return unseen;
    const measured = await measure(kept);
    return measured.length > recent.length ? measured : recent;
  };
  const own = await daysOf(entry, await registry.get(manifest.id));
  const before = incumbent === undefined ? undefined : await daysOf(incumbent, incumbent);
  const standing = role === 'cloud' ? 'sameHourMean' : 'seasonalNaive';
  const ageing = incumbent !== undefined && isAgeing(incumbent.manifest, now);
  return gate(own, before, { standing, strict: evidence.imported === true, isAgeing: ageing });
}
