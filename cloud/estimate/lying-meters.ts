import type { MeterFinding } from './state.ts';

/** What the gateway is told: dead and reversed meters are known for certain, the others it judges by itself. */
export function lyingMeters(findings: readonly MeterFinding[]): Record<string, 'reversed' | 'dead'> {
  const told: Record<string, 'reversed' | 'dead'> = {};
  for (const { device, finding } of findings) if (finding === 'dead' || finding === 'reversed') told[device] = finding;
  return told;
}
