import type { MeterFinding } from './state.ts';

export type LyingMeters = Readonly<Record<string, 'reversed' | 'dead'>>;

/** What a gateway was told of its meters last, and when; plant time, ms UTC. */
export interface ToldMeters {
  readonly meters: LyingMeters;
  readonly at: number;
}

/**
 * What was known of the meters when the cloud ended. It is newer than the history, which goes on to show for weeks what has been mended;
 * running readings refute it. The evidence is the history's where that finds the same.
 */
export function resumedFindings({ meters, at }: ToldMeters, history: readonly MeterFinding[]): MeterFinding[] {
  return Object.entries(meters).map(
    ([device, finding]) =>
      history.find((each) => each.device === device && each.finding === finding) ?? {
        device,
        finding,
        since: at,
        text: `was found ${finding} before the cloud was started again, and no reading has refuted it`,
      },
  );
}

/** What the gateway is told: dead and reversed meters are known for certain, the others it judges by itself. */
export function lyingMeters(findings: readonly MeterFinding[]): Record<string, 'reversed' | 'dead'> {
  const told: Record<string, 'reversed' | 'dead'> = {};
  for (const { device, finding } of findings) if (finding === 'dead' || finding === 'reversed') told[device] = finding;
  return told;
}
