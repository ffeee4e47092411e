import { isDeepStrictEqual } from 'node:util';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { AreaLossView, AreasView, AreaView } from '../../shared/contracts/areas.ts';
import type { LoadstoneEvent, Severity } from '../../shared/contracts/event.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Turns } from '../../shared/time/turns.ts';
import type { AreaStore, Holding, Loss } from './area-store.ts';
import { AreaUnits } from './area-units.ts';

export interface AreasOptions {
  readonly region: Region;
  readonly store: AreaStore;
  /** Plant time, ms UTC. */
  readonly now: () => number;
  /** Whether a person may act on a target by current rights. */
  readonly mayHold: (user: string, target: string) => boolean;
  /** People who are signed in now. */
  readonly signedIn: () => readonly string[];
  readonly report: (event: LoadstoneEvent) => void;
}

/** A request to take areas. */
export interface Taking {
  /** Targets; a substation or a region means all areas in it. */
  readonly targets: readonly string[];
  /** Only areas that are unheld or offered to the taker. */
  readonly freeOnly?: boolean;
  /** Reason for taking over areas held by others. */
  readonly reason?: string | undefined;
}

/** A change of areas, decided on their current holders. */
interface Change {
  readonly units: readonly string[];
  readonly become: (target: string, known: Holding | undefined) => Holding | undefined;
  readonly lost?: readonly Loss[];
  /** Published if it names any area. */
  readonly notice: {
    readonly code: string;
    readonly severity: Severity;
    readonly units: readonly string[];
    readonly text: string;
  };
}

/**
 * Who holds which part of the grid, as control rooms divide it among desks. Rights say where a person may act; an area says who does. A
 * held area refuses all others. An unheld one is open to everybody with the right. Its holder keeps it across sign-outs and restarts until
 * it is handed over, taken over or released, or the holder loses the right.
 */
export class Areas {
  readonly #options: AreasOptions;
  readonly #units: AreaUnits;
  readonly #turns = new Turns();
  #held: ReadonlyMap<string, Holding> = new Map();
  #unseen: readonly AreaLossView[] = [];

  constructor(options: AreasOptions) {
    this.#options = options;
    this.#units = new AreaUnits(options.region);
  }

  /** Every area, in the region's order. */
  all(): AreaView[] {
    return this.#units.all.map((unit) => {
      const { holder = null, since = null, offer = null } = this.#held.get(unit.target) ?? {};
      return { ...unit, holder, since, offer };
    });
  }

  view(): AreasView {
    const held = this.all().filter(({ holder }) => holder !== null);
    const present = new Set(this.#options.signedIn());
    const absent = [...new Set(held.map(({ holder }) => holder!))].filter((name) => !present.has(name));
    return { held, absent, losses: this.#unseen };
  }

  /** Loads the holders from the store, which must be open. */
  async start(): Promise<void> {
    await this.#load();
    await this.sweep();
  }

  /** The holder has seen the loss, which is no longer shown. Throws LS-API-004 for another's loss. */
  async seen(user: string, id: number): Promise<AreaLossView> {
    const loss = await this.#options.store.seen(user, id);
    if (loss === undefined) throw new LoadstoneError('LS-API-004', `${user} has no loss with the number ${id}`);
    await this.#turns.take(() => this.#load());
    const seen = { user, units: named(loss.areas), how: loss.how };
    const text =
      loss.by === null
        ? formatMessage('area.seen', '{user} has seen that {units} was {how}', seen)
        : formatMessage('area.seen', '{user} has seen that {units} was {how} by {by}', { ...seen, by: loss.by });
    this.#tell('area.seen', 'info', loss.areas, text);
    return loss;
  }

  /**
   * Takes areas: unheld or offered ones at once, those of others with a reason. Throws LS-DESK-006 without a reason, LS-API-003 without the
   * right, LS-API-004 for an unknown area.
   */
  take(user: string, { targets, freeOnly = false, reason }: Taking): Promise<AreaView[]> {
    const { mayHold, now } = this.#options;
    return this.#change(() => {
      const asked = this.#unitsOf(targets);
      const free = (unit: string): boolean => {
        const known = this.#held.get(unit);
        return known === undefined || known.holder === user || known.offer?.to === user;
      };
      const units = freeOnly ? asked.filter((unit) => free(unit) && mayHold(user, unit)) : asked;
      for (const unit of units) this.#assertMay(user, unit, user);
      const taken = units.filter((unit) => !free(unit));
      if (taken.length > 0 && reason === undefined) throw this.#heldElsewhere(taken, 'take it over with a reason');
      const gained = units.filter((unit) => this.#held.get(unit)?.holder !== user);
      const from = this.#holdersOf(gained);
      const why = taken.length === 0 ? undefined : reason;
      return {
        units,
        become: (target, known) =>
          known?.holder === user ? { ...known, offer: null } : { target, holder: user, since: now(), offer: null },
        lost: this.#losses(taken, { how: 'taken', by: user, reason: reason ?? null }),
        notice: {
          code: 'area.taken',
          severity: taken.length > 0 ? 'low' : 'info',
          units: gained,
          text: takesText({ user, units: named(gained), holders: from.join(', '), reason: why ?? '' }),
        },
      };
    });
  }

  /**
   * Offers areas to another person, who then takes them; the holder keeps them until then. Throws LS-DESK-006 for areas that the user does
   * not hold.
   */
  handOver(
    user: string,
    { targets, to, reason }: { targets: readonly string[]; to: string; reason: string },
  ): Promise<AreaView[]> {
    return this.#change(() => {
      const units = this.#unitsOf(targets);
      this.#assertOwn(user, units);
      if (to === user)
        throw new LoadstoneError('LS-API-007', 'an area can only be handed over to somebody else', '/body/to');
      for (const unit of units) this.#assertMay(to, unit, user);
      const offer = { to, reason, at: this.#options.now() };
      return {
        units,
        become: (_, known) => ({ ...known!, offer }),
        notice: {
          code: 'area.offered',
          severity: 'info',
          units,
          text: formatMessage('area.offered', '{user} hands over {units} to {to}: {reason}', {
            user,
            units: named(units),
            to,
            reason,
          }),
        },
      };
    });
  }

  /** Declines the offers to this user among the targets. The holder keeps the area and is notified. LS-API-005: no such offer. */
  decline(user: string, { targets, reason }: { targets: readonly string[]; reason: string }): Promise<AreaView[]> {
    return this.#change(() => {
      const asked = this.#unitsOf(targets);
      const units = asked.filter((unit) => this.#held.get(unit)?.offer?.to === user);
      if (units.length === 0)
        throw new LoadstoneError('LS-API-005', `none of ${named(asked)} is offered to ${user} any more`);
      const from = this.#holdersOf(units);
      return {
        units,
        become: (_, known) => ({ ...known!, offer: null }),
        lost: this.#losses(units, { how: 'declined', by: user, reason }),
        notice: {
          code: 'area.declined',
          severity: 'low',
          units,
          text: formatMessage('area.declined', '{user} declines {units} of {holders}: {reason}', {
            user,
            units: named(units),
            holders: from.join(', '),
            reason,
          }),
        },
      };
    });
  }

  /** Releases areas. Throws LS-DESK-006 for areas that the user does not hold. */
  release(user: string, { targets, reason }: { targets: readonly string[]; reason: string }): Promise<AreaView[]> {
    return this.#change(() => {
      const units = this.#unitsOf(targets);
      this.#assertOwn(user, units);
      const text = formatMessage('area.released', '{user} lets {units} go: {reason}', {
        user,
        units: named(units),
        reason,
      });
      return { units, become: () => undefined, notice: { code: 'area.released', severity: 'low', units, text } };
    });
  }

  /** Frees areas of any holder: for user administrators, when a holder is gone. */
  free(user: string, { targets, reason }: { targets: readonly string[]; reason: string }): Promise<AreaView[]> {
    return this.#change(() => {
      const asked = this.#unitsOf(targets);
      const units = asked.filter((unit) => this.#held.has(unit));
      const text = formatMessage('area.released', '{user} frees {units} of {holders}: {reason}', {
        user,
        units: named(units),
        holders: this.#holdersOf(units).join(', '),
        reason,
      });
      return {
        units,
        become: () => undefined,
        lost: this.#losses(units, { how: 'freed', by: user, reason }),
        notice: { code: 'area.released', severity: 'low', units, text },
      };
    });
  }

  /** After a change of rights: holders without the right lose their areas. */
  async sweep(): Promise<void> {
    const { mayHold } = this.#options;
    await this.#change(() => {
      const units = this.#units.all
        .map(({ target }) => target)
        .filter((unit) => this.#held.has(unit) && !mayHold(this.#held.get(unit)!.holder, unit));
      const text = formatMessage('area.released', 'Nobody holds {units}: {holders} may not act there.', {
        units: named(units),
        holders: this.#holdersOf(units).join(', '),
      });
      return {
        units,
        become: () => undefined,
        lost: this.#losses(units, { how: 'barred', by: null, reason: null }),
        notice: { code: 'area.released', severity: 'medium', units, text },
      };
    });
  }

  /** Throws LS-DESK-006 if somebody other than `users` holds an area of a target. Unheld areas are open. */
  assertOpen(users: readonly string[], target: string): void {
    const elsewhere = this.#units.of(target).filter((unit) => !users.some((user) => this.concerns(user, unit)));
    if (elsewhere.length > 0) throw this.#heldElsewhere(elsewhere, 'let them act, or take it over');
  }

  /** Throws LS-DESK-006 if others hold every area of a target. For requesting an act that needs a second person. */
  assertPart(user: string, target: string): void {
    if (!this.#units.of(target).some((unit) => this.concerns(user, unit))) this.assertOpen([user], target);
  }

  /** Throws LS-DESK-006 if somebody else holds the area itself, regardless of the areas inside it. */
  assertNotElsewhere(user: string, area: string): void {
    if (!this.concerns(user, area)) throw this.#heldElsewhere([area], 'let them act, or take it over');
  }

  /** Whether a person looks after an area: as its holder, or because it is unheld. */
  concerns(user: string, area: string): boolean {
    return (this.#held.get(area)?.holder ?? user) === user;
  }

  /** Decides on the current holders, and again if they changed before the write. */
  #change(judge: () => Change): Promise<AreaView[]> {
    return this.#turns.take(async () => {
      for (;;) {
        const { units, become, lost = [], notice } = judge();
        const moves = units
          .map((target) => ({ target, from: this.#held.get(target), to: become(target, this.#held.get(target)) }))
          .filter(({ from, to }) => !isDeepStrictEqual(from, to));
        const isDone = moves.length === 0 || (await this.#options.store.change(moves, lost));
        if (moves.length > 0) await this.#load();
        if (!isDone) continue;
        if (notice.units.length > 0) this.#tell(notice.code, notice.severity, notice.units, notice.text);
        return this.#shown(units);
      }
    });
  }

  async #load(): Promise<void> {
    const { holdings, losses } = await this.#options.store.load();
    this.#held = new Map(holdings.map((each) => [each.target, each]));
    this.#unseen = losses;
  }

  #unitsOf(targets: readonly string[]): string[] {
    return [...new Set(targets.flatMap((target) => this.#units.of(target)))];
  }

  #shown(units: readonly string[]): AreaView[] {
    return this.all().filter(({ target }) => units.includes(target));
  }

  #holdersOf(units: readonly string[]): string[] {
    return [...new Set(units.flatMap((unit) => this.#held.get(unit)?.holder ?? []))];
  }

  /** Losses to report to each holder, except those by the holder's own act. */
  #losses(units: readonly string[], why: Pick<Loss, 'how' | 'by' | 'reason'>): Loss[] {
    const at = this.#options.now();
    const byHolder = Map.groupBy(units, (unit) => this.#held.get(unit)!.holder);
    return [...byHolder]
      .filter(([holder]) => holder !== why.by)
      .map(([holder, areas]) => ({ ...why, holder, areas, at }));
  }

  #assertMay(user: string, unit: string, asker: string): void {
    if (this.#options.mayHold(user, unit)) return;
    if (user === asker) throw new LoadstoneError('LS-API-003', `${unit} is not in the areas where ${user} may act`);
    throw new LoadstoneError('LS-API-007', `${user} is not an operator who may act on ${unit}`, '/body/to');
  }

  #assertOwn(user: string, units: readonly string[]): void {
    const others = units.filter((unit) => this.#held.get(unit)?.holder !== user);
    if (others.length > 0) throw this.#heldElsewhere(others, 'only the holder can hand it over or let it go');
  }

  #heldElsewhere(units: readonly string[], remedy: string): LoadstoneError {
    const who = this.#holdersOf(units);
    const holders = who.length === 0 ? 'nobody holds' : `${who.join(', ')} holds`;
    return new LoadstoneError('LS-DESK-006', `${holders} ${named(units)}: ${remedy}`);
  }

  #tell(code: string, severity: Severity, units: readonly string[], text: string): void {
    const { report, now } = this.#options;
    const [first = ''] = units;
    const subject = first.slice(first.indexOf(':') + 1);
    report({ time: now(), kind: 'event', severity, code, text: fitText(text, EVENT_TEXT), subject });
  }
}

/** `holders`: the former ones; empty: unheld. `reason`: empty if none is needed. */
function takesText(values: {
  readonly user: string;
  readonly units: string;
  readonly holders: string;
  readonly reason: string;
}): string {
  const { holders, reason } = values;
  if (holders === '')
    return reason === ''
      ? formatMessage('area.taken', '{user} takes {units}', values)
      : formatMessage('area.taken', '{user} takes {units}: {reason}', values);
  return reason === ''
    ? formatMessage('area.taken', '{user} takes {units} from {holders}', values)
    : formatMessage('area.taken', '{user} takes {units} from {holders}: {reason}', values);
}

const MOST_NAMED = 4;
/** "owd, owd-1, owd-2 and 7 more" */
function named(units: readonly string[]): string {
  const ids = units.map((unit) => unit.slice(unit.indexOf(':') + 1));
  const more = ids.length - MOST_NAMED;
  return ids.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
