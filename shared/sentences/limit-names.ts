/** Network and contract limits as plans name them. Any other name is shown in English. */
const limitNames = [
  'voltage maximum',
  'voltage minimum',
  'rating',
  'imported power',
  'exported power',
  'imported power at the meter',
  'exported power at the meter',
] as const;

/** Where in the forecast a limit binds. */
const corners = ['', ' with load high', ' with load low and sun high'] as const;

export type LimitName = (typeof limitNames)[number];
export type Corner = (typeof corners)[number];
export type LimitPhrase = `${LimitName}${Corner}`;

const ofEach = <Value>(make: (name: LimitName, corner: Corner) => Value): Value[] =>
  limitNames.flatMap((name) => corners.map((corner) => make(name, corner)));

export const limitPhrases: readonly LimitPhrase[] = ofEach((name, corner): LimitPhrase => `${name}${corner}`);

/** All limit phrases in a language. */
export const limitWords = (
  names: Readonly<Record<LimitName, string>>,
  own: Readonly<Record<Corner, string>>,
): Readonly<Record<LimitPhrase, string>> =>
  Object.fromEntries(ofEach((name, corner) => [`${name}${corner}`, names[name] + own[corner]] as const)) as Readonly<
    Record<LimitPhrase, string>
  >;
