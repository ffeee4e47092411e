/** A charging session that can be limited. */
export interface Sharer {
  readonly key: string;
  /** Most that connector, cable and car can take, kW. */
  readonly maxKw: number;
  /** Energy delivered so far, kWh. */
  readonly servedKwh: number;
  /** How long it has been charging, s; null while paused. */
  readonly chargingS: number | null;
  /** It charges and must not pause. */
  readonly uninterrupted?: boolean | undefined;
  /** It was allowed to charge and takes nothing. */
  readonly idle?: boolean | undefined;
  /** How long it could still wait and leave with its energy, s; absent if its need or departure is unknown. */
  readonly spareS?: number | undefined;
}

/** Time a session keeps its turn when not all can charge, s. */
const TURN_S = 900;
const EPSILON_KW = 1e-9;
/** A session with less time to spare must charge now, at full power. */
const URGENT_S = 900;
const isUrgent = ({ spareS = Infinity }: Sharer): boolean => spareS < URGENT_S;

/**
 * Shares a site's power among its sessions. Each gets at least `minimumKw` (below it a car does not charge) or nothing. Sessions that would
 * leave short get all they can take, the most urgent first. The rest is shared equally up to each maximum (max-min fairness, Bertsekas and
 * Gallager, Data Networks, 6.5.2). If not all can have the minimum, those that must not pause keep theirs and the others take turns, the
 * least served first. The sum never exceeds `budgetKw`.
 */
export function shareOut(budgetKw: number, sharers: readonly Sharer[], minimumKw: number): ReadonlyMap<string, number> {
  const budget = Number.isFinite(budgetKw) ? Math.max(0, budgetKw) : 0;
  const least = (sharer: Sharer): number => Math.min(minimumKw, Math.max(0, sharer.maxKw));
  const shares = new Map(sharers.map(({ key }) => [key, 0]));
  const chosen: Sharer[] = [];
  let left = budget;
  for (const sharer of sharers.toSorted(inTurn)) {
    if (least(sharer) > left + EPSILON_KW) continue;
    chosen.push(sharer);
    left -= least(sharer);
    shares.set(sharer.key, least(sharer));
  }
  for (const { key, maxKw } of chosen.filter(isUrgent).toSorted(bySpare)) {
    const more = Math.max(0, Math.min(left, maxKw - shares.get(key)!));
    shares.set(key, shares.get(key)! + more);
    left -= more;
  }
  let open = chosen.filter((sharer) => sharer.maxKw > shares.get(sharer.key)!);
  left = Math.max(0, left);
  while (open.length > 0 && left > EPSILON_KW) {
    // Raises the lowest shares together until they reach the next one, a session has its maximum, or nothing is left.
    const level = Math.min(...open.map(({ key }) => shares.get(key)!));
    const lowest = open.filter(({ key }) => shares.get(key)! <= level + EPSILON_KW);
    const next = Math.min(
      ...lowest.map(({ maxKw }) => maxKw),
      ...open.filter((each) => !lowest.includes(each)).map(({ key }) => shares.get(key)!),
    );
    const raise = Math.min(left / lowest.length, next - level);
    for (const { key } of lowest) shares.set(key, level + raise);
    left -= raise * lowest.length;
    open = open.filter(({ key, maxKw }) => maxKw > shares.get(key)! + EPSILON_KW);
  }
  return shares;
}

const bySpare = (a: Sharer, b: Sharer): number =>
  (a.spareS ?? Infinity) - (b.spareS ?? Infinity) || (a.key < b.key ? -1 : 1);

/**
 * Order: sessions that must not pause; then those that must charge now, least time to spare first; then those charging within their turn;
 * then the least served; ties by key. A full car stays the least served, so one that takes nothing comes last.
 */
function inTurn(a: Sharer, b: Sharer): number {
  const place = ({ uninterrupted = false, idle = false }: Sharer): number => (uninterrupted ? 0 : idle ? 2 : 1);
  if (place(a) !== place(b)) return place(a) - place(b);
  const keeps = ({ chargingS }: Sharer): number => (chargingS !== null && chargingS < TURN_S ? 0 : 1);
  if (isUrgent(a) || isUrgent(b)) return Number(isUrgent(b)) - Number(isUrgent(a)) || bySpare(a, b);
  return keeps(a) - keeps(b) || a.servedKwh - b.servedKwh || (a.key < b.key ? -1 : 1);
}
