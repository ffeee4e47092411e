import type { Region } from '../../../shared/contracts/region.ts';
import { membersOf } from './sum-target.ts';

export const ANNOTATION_KINDS = ['holiday', 'event', 'outage', 'switching'] as const;
export type AnnotationKind = (typeof ANNOTATION_KINDS)[number];

/** A person's note on a target and a time. Times in ms UTC of plant time. */
export interface Annotation {
  readonly id: string;
  readonly target: string;
  readonly kind: AnnotationKind;
  readonly start: number;
  /** Null: still open. */
  readonly end: number | null;
  readonly note: string;
  readonly createdBy: string;
  readonly createdAt: number;
  /** Null: in force. */
  readonly withdrawnAt: number | null;
}

/** Kinds under which the load is not typical; such steps are excluded from training and scores. */
const EXCLUDING: readonly AnnotationKind[] = ['outage', 'switching'];

/**
 * The targets whose annotations affect a series: the series itself, what it is a part of, and a substation's feeders and rest, because load
 * that is switched off or moved there is missing here. A sum has those of its members. A region has only its own; otherwise one outage anywhere
 * would exclude the hour.
 */
export function concernedBy(region: Region, target: string): string[] {
  const members = membersOf(target);
  if (members !== undefined) return [...new Set(members.flatMap((member) => concernedBy(region, member)))];
  const [kind, id = ''] = target.split(':');
  const whole = `region:${region.id}`;
  if (kind === 'substation') {
    const feeders = region.substations.find((each) => each.id === id)?.network.feeders ?? [];
    return [target, whole, `rest:${id}`, ...feeders.map((feeder) => `feeder:${feeder.id}`)];
  }
  if (kind === 'rest') return concernedBy(region, `substation:${id}`);
  if (kind === 'feeder') {
    const substation = region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
    return [target, whole, ...(substation === undefined ? [] : [`substation:${substation.id}`])];
  }
  return [target];
}

export interface StepRange {
  /** Half open: [start, end), ms UTC, on the grid of `resolutionS`. */
  readonly start: number;
  readonly end: number;
  readonly resolutionS: number;
}

/** Per step, whether an outage or switching touches it. */
export function excludedSteps(annotations: readonly Annotation[], { start, end, resolutionS }: StepRange): Uint8Array {
  const stepMs = resolutionS * 1000;
  const mask = new Uint8Array(Math.max(0, Math.round((end - start) / stepMs)));
  for (const each of annotations) {
    if (!EXCLUDING.includes(each.kind)) continue;
    const first = Math.max(0, Math.floor((each.start - start) / stepMs));
    const last = each.end === null ? mask.length : Math.min(mask.length, Math.ceil((each.end - start) / stepMs));
    if (first < last) mask.fill(1, first, last);
  }
  return mask;
}
