import type { AreaLossView, AreaView } from '../../../../shared/contracts/areas.ts';
import type { SubstationView } from '../../../../shared/contracts/view.ts';
import { t } from '../words/t.ts';

/** One area and its holder; null if nobody holds it. */
export interface AreaPart {
  readonly target: string;
  readonly id: string;
  readonly held: AreaView | null;
}

/** A substation: first its own plant, then its feeders. */
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

/** "anna", "nobody", or "anna 2, nobody 1" for several holders. */
export function holdersText(parts: readonly AreaPart[]): string {
  const groups = [...Map.groupBy(parts, ({ held }) => held?.holder ?? t('nobody'))];
  return groups.length === 1 ? groups[0]![0] : groups.map(([name, of]) => `${name} ${of.length}`).join(', ');
}

/** Returns the areas of a target: of a device, a feeder, a substation with its feeders, or the whole region. */
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

/** Splits areas into mine, free, offered to me, and held by others. */
export function shares(parts: readonly AreaPart[], me: string | undefined) {
  return {
    mine: parts.filter(({ held }) => held !== null && held.holder === me),
    free: parts.filter(({ held }) => held === null),
    offered: parts.filter(({ held }) => held?.offer?.to === me && me !== undefined),
    others: parts.filter(({ held }) => held !== null && held.holder !== me),
  };
}

export type Whose = '' | 'mine' | 'free' | 'others' | 'offered';

/**
 * Returns the rows with their matching areas: all words must occur in names or holder, and the holder must match `whose`. A row without a
 * match is left out.
 */
export function matching(
  rows: readonly AreaRow[],
  { text, whose }: { readonly text: string; readonly whose: Whose },
  me: string | undefined,
): AreaRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.flatMap((row) => {
    const parts = (whose === '' ? row.parts : shares(row.parts, me)[whose]).filter(({ id, held }) => {
      const said = `${row.name} ${row.id} ${id} ${held?.holder ?? t('nobody')}`.toLowerCase();
      return words.every((word) => said.includes(word));
    });
    return parts.length === 0 ? [] : [{ ...row, parts }];
  });
}

/** Splits rows into pages of about `size` lines; `linesOf` counts the lines of a row. A row stays on one page. */
export function paged<Row>(rows: readonly Row[], size: number, linesOf: (row: Row) => number): Row[][] {
  const pages: Row[][] = [];
  let lines = Infinity;
  for (const row of rows) {
    if (lines + linesOf(row) > size) {
      pages.push([]);
      lines = 0;
    }
    pages.at(-1)!.push(row);
    lines += linesOf(row);
  }
  return pages;
}

/** Returns targets for some areas, naming whole substations by their own target, so that a thousand feeders remain one request. */
export function targetsOf(rows: readonly AreaRow[], parts: readonly AreaPart[]): string[] {
  const wanted = new Set(parts.map(({ target }) => target));
  return rows.flatMap((row) => {
    const own = row.parts.map(({ target }) => target).filter((target) => wanted.has(target));
    return own.length > 1 && own.length === row.parts.length ? [`substation:${row.id}`] : own;
  });
}

/** "owd-1, owd-2 and 7 more" */
export function areaNames(targets: readonly string[]): string {
  const ids = targets.map((target) => target.slice(target.indexOf(':') + 1));
  const more = ids.length - MOST_NAMED;
  return more > 0 ? t('{names} and {more} more', { names: ids.slice(0, MOST_NAMED).join(', '), more }) : ids.join(', ');
}
const MOST_NAMED = 4;

/** Describes a change to areas that a person held, or offered and still holds. */
export function lossText({ how, by, reason, areas }: AreaLossView): string {
  const why = reason === null ? '' : `: ${reason}`;
  switch (how) {
    case 'taken':
      return t('{by} took {areas} over from you{why}', { by, areas: areaNames(areas), why });
    case 'freed':
      return t('{by} freed {areas}, which you held{why}', { by, areas: areaNames(areas), why });
    case 'declined':
      return t('{by} declined {areas}, which you offered and still hold{why}', { by, areas: areaNames(areas), why });
    case 'barred':
      return t('You may not act on {areas} any more; nobody holds it now', { areas: areaNames(areas) });
  }
}
