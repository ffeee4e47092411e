/**
 * One area of responsibility: a substation's own plant (busbar, transformers, tap changer, gateway) as `substation:owd`, or a feeder
 * as `feeder:owd-1`. At most one person holds it. Times are plant time, ms UTC.
 */
export interface AreaView {
  readonly target: string;
  readonly substation: string;
  readonly name: string;
  /** null: nobody. */
  readonly holder: string | null;
  readonly since: number | null;
  /** A hand-over that waits for the other to take it: until then the holder holds. */
  readonly offer: { readonly to: string; readonly reason: string; readonly at: number } | null;
}

/** What the stream tells of areas: those that somebody holds; all others nobody holds. */
export interface AreasView {
  readonly held: readonly AreaView[];
  /** Who of the holders is not signed in now. */
  readonly absent: readonly string[];
  /** What happened to areas of holders and they have not seen yet, oldest first. */
  readonly losses: readonly AreaLossView[];
}

/** Areas that somebody held and lost without letting them go, or could not give away. It stands until they have seen it. Plant time, ms UTC. */
export interface AreaLossView {
  readonly id: number;
  /** Who held them, and still does where an offer was declined. */
  readonly holder: string;
  /**
   * `taken`: another answers for them now; `freed`: who keeps the users freed them; `barred`: the holder may not act there any more;
   * `declined`: who was offered them does not take them.
   */
  readonly how: 'taken' | 'freed' | 'barred' | 'declined';
  /** Who did it; null: it followed from a change of rights. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly areas: readonly string[];
  readonly at: number;
}

/** Somebody to whom areas can be handed over. */
export interface OperatorView {
  readonly name: string;
  readonly signedIn: boolean;
  /** Where they may act: targets, their parts included; `*`: everywhere. */
  readonly areas: '*' | readonly string[];
}
