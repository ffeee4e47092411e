import type { Annotation, AnnotationKind } from './annotation.ts';

export interface AnnotationQuery {
  readonly targets: readonly string[];
  /** Half open: annotations that overlap [from, to), ms UTC. */
  readonly from: number;
  readonly to: number;
  /** As known at this plant time; absent: now. */
  readonly asOf?: number;
  readonly kind?: AnnotationKind;
}

export interface NumberedAnnotation extends Annotation {
  readonly number: number;
}

/** Annotations are never changed or deleted. A wrong one is withdrawn, so that a look back sees what was known then. */
export interface AnnotationStore {
  /** Increases after each change; values read under a lower revision are stale. */
  readonly revision: number;
  /** Rejects a duplicate id. */
  add(annotation: Annotation): Promise<void>;
  get(id: string): Promise<NumberedAnnotation | undefined>;
  /** Returns true to exactly one of several concurrent callers: the one that withdrew it. */
  withdraw(id: string, at: number): Promise<boolean>;
  /** Oldest first, with numbers above `after`. */
  list(query: AnnotationQuery, page: { readonly after: number; readonly limit: number }): Promise<NumberedAnnotation[]>;
}
