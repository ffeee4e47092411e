const NAMES: Readonly<Record<string, string>> = {
  customerMinutes: 'customer-minutes lost',
  worstCustomerMinutes: 'minutes lost by the worst-off customer',
  en50160Means: '10-min voltage means outside EN 50160',
  bandMeans: '10-min voltage means outside the planning band',
  headOverKwh: "energy over feeder heads' limits, kWh",
  transformerOverKwh: "energy over transformers' limits, kWh",
  sharedOverKwh: 'energy over the shared limit, kWh',
  degreeHours: 'degree-hours over 98 °C in transformers',
  trips: 'feeders tripped',
  evNotServedKwh: 'cars not charged, kWh',
  curtailedKwh: 'sun curtailed, kWh',
  lossesKwh: 'losses, kWh',
  tapMoves: 'moves of tap changers',
  inverterTrips: 'inverters tripped',
};

/** A figure of the proof in words, with its unit. */
export function figureInWords(name: string): string {
  const cost = /^cost(WithoutTrips)?EurAt(\d+)$/.exec(name);
  if (cost !== null)
    return `cost J${cost[1] === undefined ? '' : ' without trips'} at ${cost[2]} EUR/kWh of lost load, EUR`;
  return NAMES[name] ?? name;
}
