/** What a gateway told of a condition, and where that stands in its journal. */
export interface Told {
  readonly source: string;
  readonly code: string;
  readonly device: string | null;
  readonly subject: string | null;
  /** ms UTC, by the gateway's clock. */
  readonly time: number;
  readonly identity?: { readonly run: number; readonly offset: number };
}

interface Place {
  readonly run: number;
  readonly offset: number;
  readonly time: number;
}

/** Conditions of one gateway that are known; beyond it, those told longest ago are forgotten. */
const MOST_KNOWN = 1000;

/**
 * Where each gateway last told of each condition. After an outage what it says now comes first, and what it had kept comes behind it:
 * that is history by then. The order of the journal counts, for a gateway's clock may have been put back.
 */
export class LastTold {
  readonly #sources = new Map<string, Map<string, Place>>();

  /** Whether this is newer than all that was told of its condition; then it is the last. What has no place in a journal is. */
  take(told: Told): boolean {
    if (told.identity === undefined) return true;
    if (this.hasSince(told, told)) return false;
    const places = this.#sources.get(told.source) ?? new Map<string, Place>();
    this.#sources.set(told.source, places);
    const key = keyOf(told);
    places.delete(key);
    places.set(key, { ...told.identity, time: told.time });
    if (places.size > MOST_KNOWN) places.delete(places.keys().next().value!);
    return true;
  }

  /** Whether the condition was told of behind this place of its gateway's journal. */
  hasSince(condition: Omit<Told, 'time' | 'identity'>, { time, identity }: Pick<Told, 'time' | 'identity'>): boolean {
    const last = this.#sources.get(condition.source)?.get(keyOf(condition));
    if (last === undefined || identity === undefined) return false;
    // A journal that was made anew counts from its beginning: of another run, time has to say the same.
    return identity.offset < last.offset && (identity.run === last.run || time < last.time);
  }
}

const keyOf = ({ code, device, subject }: Pick<Told, 'code' | 'device' | 'subject'>): string =>
  `${code} ${device ?? subject ?? ''}`;
