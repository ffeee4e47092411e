/** What an explanation speaks of: features that say the same thing count as one. */
export const GROUPS = ['recentLoad', 'pastDays', 'calendar', 'sun', 'wind'] as const;
export type FeatureGroup = (typeof GROUPS)[number];

const PAST_DAYS = new Set(['day1', 'day2', 'week1', 'mean7', 'spread7']);
const CALENDAR = new Set(['sin1', 'cos1', 'sin2', 'cos2', 'free', 'freeChange']);

/** The group of a column of the feature contract: see shared/forecast/FEATURES.md. Its step (`@12`) does not matter. */
export function groupOfFeature(column: string): FeatureGroup {
  const [name = ''] = column.split('@');
  if (name.startsWith('ghi')) return 'sun';
  if (name.startsWith('turbine') || name.startsWith('wind')) return 'wind';
  if (PAST_DAYS.has(name)) return 'pastDays';
  return CALENDAR.has(name) ? 'calendar' : 'recentLoad';
}
