import type { ModelRegistry, RegistryEntry } from './registry.ts';

/** The canaries of a release, and their outcome. */
export interface Release {
  /** Ids of models. */
  readonly canaries: ReadonlySet<string>;
  readonly passed: boolean;
  /** A canary was rolled back, so all models that wait for it are held. */
  readonly failed: boolean;
}

/** `canaryShare`: share of the places of a release that go first. */
export async function releaseOf(
  { release, role }: RegistryEntry,
  { registry, canaryShare }: { readonly registry: ModelRegistry; readonly canaryShare: number },
): Promise<Release> {
  const members = (await registry.ofRelease(release, role)).filter(({ state, evidence: { gate: found } }) => {
    const wentOut = found !== undefined && found.incumbent !== null && found.passes;
    return wentOut || state === 'shadow' || state === 'canary';
  });
  let failed = false;
  for (const { state, manifest } of members)
    failed ||= state === 'rejected' && (await registry.transitions(manifest.id)).some(({ to }) => to === 'canary');
  const count = Math.max(1, Math.ceil(canaryShare * members.length));
  const first = members
    .filter(({ state }) => state !== 'rejected' && state !== 'held')
    .toSorted((a, b) => order(a).localeCompare(order(b)))
    .slice(0, count);
  const passed = !failed && first.every(({ state }) => state === 'active' || state === 'retired');
  return { canaries: new Set(failed ? [] : first.map(({ manifest }) => manifest.id)), passed, failed };
}

/** Sorted by hash, so that the same place is not always first. */
const order = ({ manifest }: RegistryEntry): string => manifest.sha256;
