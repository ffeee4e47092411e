import type { Annotation, AnnotationKind } from './annotation.ts';

export interface AnnotationQuery {
  readonly targets: readonly string[];
  /** Half open: those that touch [from, to), ms UTC. */
  readonly from: number;
  readonly to: number;
  /** As it was known at this plant time; absent: now. */
  readonly asOf?: number;
  readonly kind?: AnnotationKind;
}

export interface NumberedAnnotation extends Annotation {
  readonly number: number;
}

/** Annotations. None is changed or deleted: one that was wrong is withdrawn, so that a look back sees what was known then. */
export interface AnnotationStore {
  /** Rises with each change, once it is read: what was read before is read again. */
  readonly revision: number;
  /** Rejects an id that is taken. */
  add(annotation: Annotation): Promise<void>;
  get(id: string): Promise<NumberedAnnotation | undefined>;
  /** Of many at once exactly one gets true: the annotation stood until then. */
  withdraw(id: string, at: number): Promise<boolean>;
  /** Oldest entry first, with numbers above `after`. */
  list(query: AnnotationQuery, page: { readonly after: number; readonly limit: number }): Promise<NumberedAnnotation[]>;
}
