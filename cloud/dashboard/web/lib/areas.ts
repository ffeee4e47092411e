import type { AreaView } from '../../../../shared/contracts/areas.ts';
import type { SubstationView } from '../../../../shared/contracts/view.ts';

/** One area and who holds it; null: nobody. */
export interface AreaPart {
  readonly target: string;
  readonly id: string;
  readonly held: AreaView | null;
}

/** A substation with its own plant first, then its feeders. */
export interface AreaRow {
  readonly id: string;
  readonly name: string;
  readonly parts: readonly AreaPart[];
}

export function areaRows(
  substations: readonly Pick<SubstationView, 'id' | 'name' | 'feeders'>[],
  held: readonly AreaView[],
): AreaRow[] {
  const byTarget = new Map(held.map((each) => [each.target, each]));
  const part = (kind: string, id: string): AreaPart => {
    const target = `${kind}:${id}`;
    return { target, id, held: byTarget.get(target) ?? null };
  };
  return substations.map(({ id, name, feeders }) => ({
    id,
    name,
    parts: [part('substation', id), ...feeders.map((feeder) => part('feeder', feeder))],
  }));
}

/** "anna", "nobody", or "anna 2, nobody 1" where parts have several holders. */
export function holdersText(parts: readonly AreaPart[]): string {
  const groups = [...Map.groupBy(parts, ({ held }) => held?.holder ?? 'nobody')];
  return groups.length === 1 ? groups[0]![0] : groups.map(([name, of]) => `${name} ${of.length}`).join(', ');
}

/** Areas of a target by its name: a device's, a feeder's, a substation's with its feeders, or all. */
export function partsOf(
  rows: readonly AreaRow[],
  target: string,
  feederOf: (device: string) => string | undefined = () => undefined,
): readonly AreaPart[] {
  const [kind = '', id = ''] = target.split(':');
  const all = rows.flatMap(({ parts }) => parts);
  switch (kind) {
    case 'region':
      return all;
    case 'substation':
      return rows.find((row) => row.id === id)?.parts ?? [];
    case 'feeder':
      return all.filter((part) => part.target === target);
    default: {
      const feeder = feederOf(id);
      return feeder === undefined ? [] : all.filter((part) => part.target === `feeder:${feeder}`);
    }
  }
}

/** What of some areas is mine, free, offered to me, and of others. */
export function shares(parts: readonly AreaPart[], me: string | undefined) {
  return {
    mine: parts.filter(({ held }) => held !== null && held.holder === me),
    free: parts.filter(({ held }) => held === null),
    offered: parts.filter(({ held }) => held?.offer?.to === me && me !== undefined),
    others: parts.filter(({ held }) => held !== null && held.holder !== me),
  };
}
