// Generated from the OpenAPI document by `npm run generate:client`: do not edit.

/** What the server refused, as RFC 9457 has it. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export interface ClientOptions {
  /** http://localhost:8080 */
  readonly baseUrl: string;
  readonly token?: string;
  /** The platform's by default. */
  readonly fetch?: typeof fetch;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: object;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(options: ClientOptions, call: Call, accept: string): Promise<Response> {
  const url = new URL(call.path, options.baseUrl);
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
  const answer = await (options.fetch ?? fetch)(url, {
    method: call.method,
    headers: {
      accept,
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  });
  if (!answer.ok) throw new ProblemError((await answer.json()) as Problem);
  return answer;
}

async function ask<T>(options: ClientOptions, call: Call): Promise<T> {
  const text = await (await send(options, call, 'application/json')).text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const file = async (options: ClientOptions, call: Call): Promise<Uint8Array> =>
  new Uint8Array(await (await send(options, call, '*/*')).arrayBuffer());

export type Problem = { readonly type: string; readonly title: string; readonly status: number; readonly detail: string; readonly code: string; readonly remedy: string; readonly errors?: readonly ({ readonly pointer: string; readonly detail: string })[] };

export type Resource = { readonly id: string; readonly target: string; readonly name: string; readonly externalIds: Readonly<Record<string, string>>; readonly coordinates: { readonly latitude: number; readonly longitude: number } | null; readonly timezone: string; readonly limits: { readonly importKw: number; readonly exportKw: number }; readonly members: readonly (string)[]; readonly dataSpan: { readonly from: string; readonly to: string } | null; readonly qualityNow: string };

export type Forecast = { readonly id: string; readonly kind: "issued" | "reconstruction" | "scenario" | "external"; readonly target: string | { readonly sumOf: readonly (string)[] }; readonly load: string; readonly issuedAt: string; readonly dataUpTo: string; readonly start: string; readonly resolution: string; readonly unit: "kW" | "MW"; readonly signConvention: "consumption-positive"; readonly values: Readonly<Record<string, readonly (number | null)[]>>; readonly components: { readonly solar: readonly (number | null)[]; readonly wind: readonly (number | null)[]; readonly other: readonly (number | null)[] } | null; readonly limits: { readonly importKw: number; readonly exportKw: number } | null; readonly probabilityAboveImport: readonly (number)[] | null; readonly probabilityAboveExport: readonly (number)[] | null; readonly peak: { readonly import: { readonly quantile_P50: number; readonly quantile_P95: number; readonly at: string } } | null; readonly model: { readonly id: string; readonly sha256: string | null; readonly members: Readonly<Record<string, number>>; readonly weights: readonly ({ readonly upTo: string; readonly members: Readonly<Record<string, number>> })[] | null }; readonly extension: { readonly from: string; readonly model: { readonly id: string; readonly sha256: string | null; readonly members: Readonly<Record<string, number>>; readonly weights: readonly ({ readonly upTo: string; readonly members: Readonly<Record<string, number>> })[] | null }; readonly fallback: { readonly level: string; readonly reason: string; readonly since: string } | null } | null; readonly weather: { readonly source: string; readonly issuedAt: string; readonly hindcast: boolean } | null; readonly inputCompleteness: number; readonly fallback: { readonly level: string; readonly reason: string; readonly since: string } | null; readonly calibration: { readonly window: string; readonly coverage80: number; readonly n: number } | null; readonly warnings: readonly (string)[] };

export type Job = { readonly id: string; readonly kind: string; readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled"; readonly progress: number; readonly createdAt: string; readonly finishedAt: string | null; readonly result: { readonly href: string } | null; readonly error: Problem | null };

export type ScenarioForecast = { readonly id: string; readonly kind: "scenario"; readonly scenarioId: string; readonly target: string; readonly load: "uncontrolled"; readonly start: string; readonly resolution: string; readonly unit: "kW" | "MW"; readonly signConvention: "consumption-positive"; readonly base: { readonly values: Readonly<Record<string, readonly (number | null)[]>> }; readonly scenario: { readonly values: Readonly<Record<string, readonly (number | null)[]>> }; readonly summary: { readonly base: { readonly peakKw: number; readonly peakAt: string; readonly energyMwh: number; readonly hoursAboveLimit: number | null; readonly energyAboveLimitMwh: number | null; readonly simultaneity: number; readonly durationCurve: readonly (readonly (number)[])[] }; readonly scenario: { readonly peakKw: number; readonly peakAt: string; readonly energyMwh: number; readonly hoursAboveLimit: number | null; readonly energyAboveLimitMwh: number | null; readonly simultaneity: number; readonly durationCurve: readonly (readonly (number)[])[] } }; readonly limits: { readonly importKw: number; readonly exportKw: number } | null; readonly warnings: readonly (string)[] };

export type Backtest = { readonly id: string; readonly target: string | { readonly sumOf: readonly (string)[] }; readonly models: readonly (string)[]; readonly start: string; readonly end: string; readonly issue: string; readonly issues: number; readonly horizon: string; readonly resolution: string; readonly refit: string; readonly weather: string; readonly createdAt: string; readonly rows: readonly ({ readonly target: string; readonly model: string; readonly leadTime: string | null; readonly n: number } & Readonly<Record<string, unknown>>)[]; readonly differences: readonly ({ readonly models: readonly (string)[]; readonly leadTime: string | null; readonly n: number; readonly days: number; readonly maeKw: number; readonly ci95: readonly (number)[] | null; readonly pinball: number; readonly pinballCi95: readonly (number)[] | null; readonly better: string | null })[]; readonly data: { readonly sha256: string; readonly known: number; readonly outage: number; readonly missing: number }; readonly seed: number; readonly codeVersion: string; readonly predictions: { readonly href: string; readonly rows: number }; readonly warnings: readonly (string)[] };

/** The planner API as functions; each throws a ProblemError for what is refused. */
export const plannerClient = (options: ClientOptions) => ({
  /** List the substations. */
  listSubstations: (query: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly bbox?: string } = {}) =>
    ask<{ readonly items: readonly (Resource)[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/substations`, query }),
  /** List the substations: as a file. */
  listSubstationsFile: (query: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly format: "geojson"; readonly bbox?: string }) =>
    file(options, { method: 'GET', path: `/v1/substations`, query }),
  /** List the feeders. */
  listFeeders: (query: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly bbox?: string } = {}) =>
    ask<{ readonly items: readonly (Resource)[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/feeders`, query }),
  /** List the feeders: as a file. */
  listFeedersFile: (query: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly format: "geojson"; readonly bbox?: string }) =>
    file(options, { method: 'GET', path: `/v1/feeders`, query }),
  /** List the regions. */
  listRegions: (query: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly bbox?: string } = {}) =>
    ask<{ readonly items: readonly (Resource)[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/regions`, query }),
  /** List the regions: as a file. */
  listRegionsFile: (query: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly format: "geojson"; readonly bbox?: string }) =>
    file(options, { method: 'GET', path: `/v1/regions`, query }),
  /** One of the substations. */
  getSubstation: (id: string) =>
    ask<Resource>(options, { method: 'GET', path: `/v1/substations/${encodeURIComponent(id)}` }),
  /** One of the feeders. */
  getFeeder: (id: string) =>
    ask<Resource>(options, { method: 'GET', path: `/v1/feeders/${encodeURIComponent(id)}` }),
  /** One of the regions. */
  getRegion: (id: string) =>
    ask<Resource>(options, { method: 'GET', path: `/v1/regions/${encodeURIComponent(id)}` }),
  /** The newest forecast of a substation. */
  newestSubstationForecast: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW" } = {}) =>
    ask<Forecast>(options, { method: 'GET', path: `/v1/substations/${encodeURIComponent(id)}/forecast`, query }),
  /** The newest forecast of a substation: as a file. */
  newestSubstationForecastFile: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW"; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/substations/${encodeURIComponent(id)}/forecast`, query }),
  /** The newest forecast of a feeder. */
  newestFeederForecast: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW" } = {}) =>
    ask<Forecast>(options, { method: 'GET', path: `/v1/feeders/${encodeURIComponent(id)}/forecast`, query }),
  /** The newest forecast of a feeder: as a file. */
  newestFeederForecastFile: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW"; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/feeders/${encodeURIComponent(id)}/forecast`, query }),
  /** The newest forecast of a region. */
  newestRegionForecast: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW" } = {}) =>
    ask<Forecast>(options, { method: 'GET', path: `/v1/regions/${encodeURIComponent(id)}/forecast`, query }),
  /** The newest forecast of a region: as a file. */
  newestRegionForecastFile: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW"; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/regions/${encodeURIComponent(id)}/forecast`, query }),
  /** For each step the newest forecast that left in time, or all of them. */
  listVintages: (query: { readonly target: string; readonly start: string; readonly end: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly leadTime?: string; readonly availableAt?: string; readonly issuedBefore?: string; readonly asOf?: string; readonly vintages?: "newest" | "all"; readonly kind?: "issued" | "reconstruction" | "external" | "scenario"; readonly load?: "uncontrolled" | "planned" | "net"; readonly quantiles?: string; readonly unit?: "kW" | "MW"; readonly limit?: number; readonly cursor?: string }) =>
    ask<{ readonly items: readonly ({ readonly target: string; readonly start: string; readonly issuedAt: string; readonly forecastId: string; readonly leadTimeS: number; readonly isFallback: boolean } & Readonly<Record<string, unknown>>)[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/forecasts`, query }),
  /** For each step the newest forecast that left in time, or all of them: as a file. */
  listVintagesFile: (query: { readonly target: string; readonly start: string; readonly end: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly leadTime?: string; readonly availableAt?: string; readonly issuedBefore?: string; readonly asOf?: string; readonly vintages?: "newest" | "all"; readonly kind?: "issued" | "reconstruction" | "external" | "scenario"; readonly load?: "uncontrolled" | "planned" | "net"; readonly quantiles?: string; readonly unit?: "kW" | "MW"; readonly limit?: number; readonly cursor?: string; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/forecasts`, query }),
  /** Make a forecast, as of now or as of a moment in the past. */
  startForecast: (body: { readonly target: string | { readonly sumOf: readonly (string)[] }; readonly load?: "uncontrolled" | "planned" | "net"; readonly start?: string; readonly horizon?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly quantiles?: readonly (number)[]; readonly asOf?: string; readonly model?: string; readonly weather?: "vintage" | "actual" | "none"; readonly fallback?: "allow" | "fail"; readonly unit?: "kW" | "MW"; readonly scenario?: string | null }, headers: Readonly<Record<string, string>> = {}) =>
    ask<Forecast | ScenarioForecast | Job>(options, { method: 'POST', path: `/v1/forecasts`, body, headers }),
  /** One vintage, immutable. */
  getForecast: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW" } = {}) =>
    ask<Forecast | ScenarioForecast>(options, { method: 'GET', path: `/v1/forecasts/${encodeURIComponent(id)}`, query }),
  /** One vintage, immutable: as a file. */
  getForecastFile: (id: string, query: { readonly start?: string; readonly horizon?: string; readonly quantiles?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW"; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/forecasts/${encodeURIComponent(id)}`, query }),
  /** What each group of features adds to the median of a forecast. */
  explainForecast: (id: string) =>
    ask<{ readonly forecastId: string; readonly target: string; readonly start: string; readonly resolution: string; readonly unit: "kW"; readonly signConvention: "consumption-positive"; readonly method: "shapley"; readonly base: readonly (number)[]; readonly contributions: { readonly recentLoad: readonly (number)[]; readonly pastDays: readonly (number)[]; readonly calendar: readonly (number)[]; readonly sun: readonly (number)[]; readonly wind: readonly (number)[]; readonly adjustment: readonly (number)[] }; readonly summary: readonly (string)[] }>(options, { method: 'GET', path: `/v1/forecasts/${encodeURIComponent(id)}/explanation` }),
  /** State of a job. */
  getJob: (id: string) =>
    ask<Job>(options, { method: 'GET', path: `/v1/jobs/${encodeURIComponent(id)}` }),
  /** Cancel a job that is not over. */
  cancelJob: (id: string) =>
    ask<Job>(options, { method: 'DELETE', path: `/v1/jobs/${encodeURIComponent(id)}` }),
  /** Models in the registry. */
  listModels: (query: { readonly limit?: number; readonly cursor?: string; readonly target?: string; readonly state?: string } = {}) =>
    ask<{ readonly items: readonly ({ readonly id: string; readonly target: string; readonly role: string; readonly state: string; readonly since: string; readonly reason: string; readonly release: string; readonly sha256: string; readonly bytes: number; readonly trainedFrom: string; readonly trainedUpTo: string; readonly createdAt: string; readonly expiresAt: string; readonly weather: string; readonly members: Readonly<Record<string, number>>; readonly pruned: null | { readonly bytesBefore: number; readonly members: readonly ({ readonly member: string; readonly kept: number; readonly of: number; readonly lossBeforeKw: number; readonly lossAfterKw: number })[] }; readonly metrics: Readonly<Record<string, unknown>>; readonly gate: null | { readonly passes: boolean; readonly baseline: { readonly name: string; readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] }; readonly incumbent: null | { readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] } }; readonly waiting: null | { readonly to: string; readonly by: string; readonly reason: string; readonly until: string } })[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/models`, query }),
  /** Bring a model that was trained elsewhere; it is checked, judged on the last 28 days beside what answers, and let out by the same steps as others. The same file again is the same model. */
  importModel: (body: { readonly onnx: string; readonly manifest: { readonly target: string; readonly role: "cloud" | "gateway"; readonly name: string; readonly madeWith?: string; readonly featureVersion: number; readonly stepS: number; readonly steps: number; readonly quantiles: readonly (number)[]; readonly weather: "none" | "hindcast" | "vintage"; readonly trainedFrom: string; readonly trainedUpTo: string; readonly sha256?: string; readonly lifeDays?: number; readonly outputRange?: { readonly minKw: number; readonly maxKw: number }; readonly parity: { readonly inputs: readonly (readonly (number)[])[]; readonly outputs: readonly (readonly (number)[])[] } }; readonly reason: string; readonly release?: string }, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly id: string; readonly target: string; readonly role: string; readonly state: string; readonly since: string; readonly reason: string; readonly release: string; readonly sha256: string; readonly bytes: number; readonly trainedFrom: string; readonly trainedUpTo: string; readonly createdAt: string; readonly expiresAt: string; readonly weather: string; readonly members: Readonly<Record<string, number>>; readonly pruned: null | { readonly bytesBefore: number; readonly members: readonly ({ readonly member: string; readonly kept: number; readonly of: number; readonly lossBeforeKw: number; readonly lossAfterKw: number })[] }; readonly metrics: Readonly<Record<string, unknown>>; readonly gate: null | { readonly passes: boolean; readonly baseline: { readonly name: string; readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] }; readonly incumbent: null | { readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] } }; readonly waiting: null | { readonly to: string; readonly by: string; readonly reason: string; readonly until: string }; readonly next: readonly (string)[]; readonly live: null | { readonly answering: string; readonly beside: string | null; readonly n: number; readonly answeringKw: number; readonly besideKw: number; readonly standardErrorKw: number; readonly refused: string | null }; readonly drift: null | { readonly hasDrifted: boolean; readonly lookedAt: string | null; readonly inputs: readonly ({ readonly group: string; readonly index: number; readonly limit: number })[]; readonly errors: { readonly days: number; readonly sum: number; readonly limit: number } }; readonly transitions: readonly ({ readonly from: string | null; readonly to: string; readonly at: string; readonly by: string; readonly reason: string })[] }>(options, { method: 'POST', path: `/v1/models`, body, headers }),
  /** One model, with what its gate found, its live errors and its life so far. */
  getModel: (id: string) =>
    ask<{ readonly id: string; readonly target: string; readonly role: string; readonly state: string; readonly since: string; readonly reason: string; readonly release: string; readonly sha256: string; readonly bytes: number; readonly trainedFrom: string; readonly trainedUpTo: string; readonly createdAt: string; readonly expiresAt: string; readonly weather: string; readonly members: Readonly<Record<string, number>>; readonly pruned: null | { readonly bytesBefore: number; readonly members: readonly ({ readonly member: string; readonly kept: number; readonly of: number; readonly lossBeforeKw: number; readonly lossAfterKw: number })[] }; readonly metrics: Readonly<Record<string, unknown>>; readonly gate: null | { readonly passes: boolean; readonly baseline: { readonly name: string; readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] }; readonly incumbent: null | { readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] } }; readonly waiting: null | { readonly to: string; readonly by: string; readonly reason: string; readonly until: string }; readonly next: readonly (string)[]; readonly live: null | { readonly answering: string; readonly beside: string | null; readonly n: number; readonly answeringKw: number; readonly besideKw: number; readonly standardErrorKw: number; readonly refused: string | null }; readonly drift: null | { readonly hasDrifted: boolean; readonly lookedAt: string | null; readonly inputs: readonly ({ readonly group: string; readonly index: number; readonly limit: number })[]; readonly errors: { readonly days: number; readonly sum: number; readonly limit: number } }; readonly transitions: readonly ({ readonly from: string | null; readonly to: string; readonly at: string; readonly by: string; readonly reason: string })[] }>(options, { method: 'GET', path: `/v1/models/${encodeURIComponent(id)}` }),
  /** Hold, promote or roll back a model; an active one that is held gives way to the one it replaced. */
  moveModel: (id: string, body: { readonly to: "shadow" | "canary" | "active" | "held" | "retired"; readonly reason: string }, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly id: string; readonly target: string; readonly role: string; readonly state: string; readonly since: string; readonly reason: string; readonly release: string; readonly sha256: string; readonly bytes: number; readonly trainedFrom: string; readonly trainedUpTo: string; readonly createdAt: string; readonly expiresAt: string; readonly weather: string; readonly members: Readonly<Record<string, number>>; readonly pruned: null | { readonly bytesBefore: number; readonly members: readonly ({ readonly member: string; readonly kept: number; readonly of: number; readonly lossBeforeKw: number; readonly lossAfterKw: number })[] }; readonly metrics: Readonly<Record<string, unknown>>; readonly gate: null | { readonly passes: boolean; readonly baseline: { readonly name: string; readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] }; readonly incumbent: null | { readonly days: number; readonly gain: number; readonly ci95: readonly (number)[] } }; readonly waiting: null | { readonly to: string; readonly by: string; readonly reason: string; readonly until: string }; readonly next: readonly (string)[]; readonly live: null | { readonly answering: string; readonly beside: string | null; readonly n: number; readonly answeringKw: number; readonly besideKw: number; readonly standardErrorKw: number; readonly refused: string | null }; readonly drift: null | { readonly hasDrifted: boolean; readonly lookedAt: string | null; readonly inputs: readonly ({ readonly group: string; readonly index: number; readonly limit: number })[]; readonly errors: { readonly days: number; readonly sum: number; readonly limit: number } }; readonly transitions: readonly ({ readonly from: string | null; readonly to: string; readonly at: string; readonly by: string; readonly reason: string })[] }>(options, { method: 'POST', path: `/v1/models/${encodeURIComponent(id)}/transitions`, body, headers }),
  /** How the rounds of federated learning stand, with the gateways that the caller may read. */
  getFederated: () =>
    ask<{ readonly enabled: boolean; readonly campaign: { readonly id: string; readonly reason: string; readonly round: number; readonly rounds: number; readonly measuring: boolean; readonly deadline: string; readonly gateways: readonly ({ readonly gateway: string; readonly state: "asked" | "offers" | "counts" | "left-out"; readonly code: string | null })[] } | null }>(options, { method: 'GET', path: `/v1/federated` }),
  /** Ask the gateways for rounds of federated learning now; where rounds are under way they go on. */
  startFederated: (body: { readonly reason: string }, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly enabled: boolean; readonly campaign: { readonly id: string; readonly reason: string; readonly round: number; readonly rounds: number; readonly measuring: boolean; readonly deadline: string; readonly gateways: readonly ({ readonly gateway: string; readonly state: "asked" | "offers" | "counts" | "left-out"; readonly code: string | null })[] } | null }>(options, { method: 'POST', path: `/v1/federated`, body, headers }),
  /** Define a what-if; POST /v1/forecasts with its id runs it. */
  createScenario: (body: { readonly name: string; readonly base: { readonly kind: "forecast" } | { readonly kind: "history"; readonly start: string; readonly end: string }; readonly changes: readonly ({ readonly type: "ev"; readonly target: string; readonly chargers: number; readonly ratedKw: number; readonly profile: "home-evening" | "work-day" | "public" } | { readonly type: "pv"; readonly target: string; readonly addedKwp: number } | { readonly type: "heatPump"; readonly target: string; readonly units: number; readonly designKw: number } | { readonly type: "temperature"; readonly deltaK: number } | { readonly type: "scale"; readonly target: string; readonly factor: number } | { readonly type: "connection"; readonly target: string; readonly kw: number; readonly profile: "flat" | "office" | "night" } | { readonly type: "transfer"; readonly feeder: string; readonly to: string; readonly from?: string })[]; readonly seed?: number }, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly id: string; readonly name: string; readonly createdAt: string } & Readonly<Record<string, unknown>>>(options, { method: 'POST', path: `/v1/scenarios`, body, headers }),
  /** What-ifs of the caller. */
  listScenarios: (query: { readonly limit?: number; readonly cursor?: string } = {}) =>
    ask<{ readonly items: readonly ({ readonly id: string; readonly name: string; readonly createdAt: string } & Readonly<Record<string, unknown>>)[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/scenarios`, query }),
  /** One what-if. */
  getScenario: (id: string) =>
    ask<{ readonly id: string; readonly name: string; readonly createdAt: string } & Readonly<Record<string, unknown>>>(options, { method: 'GET', path: `/v1/scenarios/${encodeURIComponent(id)}` }),
  /** Delete a what-if that was not used. */
  deleteScenario: (id: string) =>
    ask<undefined>(options, { method: 'DELETE', path: `/v1/scenarios/${encodeURIComponent(id)}` }),
  /** Accuracy as measured in operation, by model and lead time, beside naive baselines. */
  getScorecard: (query: { readonly target: string; readonly start: string; readonly end: string; readonly groupBy?: string; readonly leadTime?: "PT1H" | "PT6H" | "PT12H" | "PT24H" | "PT48H" | "PT72H" | "PT96H" | "PT120H" | "PT144H" | "PT168H"; readonly availableAt?: string }) =>
    ask<{ readonly items: readonly ({ readonly target: string; readonly model: string; readonly leadTime: string | null; readonly n: number; readonly excluded: { readonly badQuality: number; readonly outage: number; readonly missing: number } } & Readonly<Record<string, unknown>>)[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/scorecards`, query }),
  /** Accuracy as measured in operation, by model and lead time, beside naive baselines: as a file. */
  getScorecardFile: (query: { readonly target: string; readonly start: string; readonly end: string; readonly groupBy?: string; readonly leadTime?: "PT1H" | "PT6H" | "PT12H" | "PT24H" | "PT48H" | "PT72H" | "PT96H" | "PT120H" | "PT144H" | "PT168H"; readonly availableAt?: string; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/scorecards`, query }),
  /** Series with quality, as known now or as of a moment. */
  getMeasurements: (query: { readonly target: string; readonly load?: "net" | "uncontrolled"; readonly start: string; readonly end: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly asOf?: string; readonly unit?: "kW" | "MW" }) =>
    ask<{ readonly items: readonly ({ readonly target: string; readonly load: string; readonly start: string; readonly resolution: string; readonly unit: "kW" | "MW"; readonly signConvention: string; readonly values: readonly (number | null)[]; readonly quality: readonly (string)[]; readonly origin: readonly (string)[]; readonly receivedAt: readonly (string | null)[] })[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/measurements`, query }),
  /** Series with quality, as known now or as of a moment: as a file. */
  getMeasurementsFile: (query: { readonly target: string; readonly load?: "net" | "uncontrolled"; readonly start: string; readonly end: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly asOf?: string; readonly unit?: "kW" | "MW"; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/measurements`, query }),
  /** Send measurements that no gateway made (before it was there, in its gaps, or without one), as JSON, CSV or Parquet. */
  uploadMeasurements: (body: { readonly items: readonly ({ readonly target: string; readonly start: string; readonly values: readonly (number | null)[]; readonly quality?: readonly ("good" | "uncertain" | "bad")[] })[] }, query: { readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW" } = {}, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly accepted: number; readonly changed: number; readonly targets: readonly (string)[]; readonly receivedAt: string }>(options, { method: 'POST', path: `/v1/measurements`, query, body, headers }),
  /** Note a holiday, an event, an outage or a switching. */
  createAnnotation: (body: { readonly target: string; readonly kind: "holiday" | "event" | "outage" | "switching"; readonly start: string; readonly end?: string | null; readonly note?: string }, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly id: string; readonly target: string; readonly kind: "holiday" | "event" | "outage" | "switching"; readonly start: string; readonly end: string | null; readonly note: string; readonly createdBy: string; readonly createdAt: string; readonly withdrawnAt: string | null }>(options, { method: 'POST', path: `/v1/annotations`, body, headers }),
  /** Annotations that stand, or stood at a moment. */
  listAnnotations: (query: { readonly target?: string; readonly start?: string; readonly end?: string; readonly kind?: "holiday" | "event" | "outage" | "switching"; readonly asOf?: string; readonly limit?: number; readonly cursor?: string } = {}) =>
    ask<{ readonly items: readonly ({ readonly id: string; readonly target: string; readonly kind: "holiday" | "event" | "outage" | "switching"; readonly start: string; readonly end: string | null; readonly note: string; readonly createdBy: string; readonly createdAt: string; readonly withdrawnAt: string | null })[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/annotations`, query }),
  /** One annotation, also a withdrawn one. */
  getAnnotation: (id: string) =>
    ask<{ readonly id: string; readonly target: string; readonly kind: "holiday" | "event" | "outage" | "switching"; readonly start: string; readonly end: string | null; readonly note: string; readonly createdBy: string; readonly createdAt: string; readonly withdrawnAt: string | null }>(options, { method: 'GET', path: `/v1/annotations/${encodeURIComponent(id)}` }),
  /** Withdraw an annotation that was wrong; what was known before stays so for asOf. */
  withdrawAnnotation: (id: string) =>
    ask<{ readonly id: string; readonly target: string; readonly kind: "holiday" | "event" | "outage" | "switching"; readonly start: string; readonly end: string | null; readonly note: string; readonly createdBy: string; readonly createdAt: string; readonly withdrawnAt: string | null }>(options, { method: 'DELETE', path: `/v1/annotations/${encodeURIComponent(id)}` }),
  /** Register a weather forecast as it was issued. */
  putWeather: (body: { readonly source: string; readonly location: string; readonly issuedAt: string; readonly start: string; readonly resolution: "PT15M" | "PT30M" | "PT1H"; readonly temperatureC?: readonly (number | null)[] | null; readonly ghiWm2?: readonly (number | null)[] | null; readonly windMs?: readonly (number | null)[] | null }, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly id: string; readonly source: string; readonly location: string; readonly issuedAt: string; readonly start: string; readonly resolution: string; readonly temperatureC?: readonly (number | null)[] | null; readonly ghiWm2?: readonly (number | null)[] | null; readonly windMs?: readonly (number | null)[] | null }>(options, { method: 'POST', path: `/v1/weather`, body, headers }),
  /** Weather vintages that touch a span, newest issue first. */
  listWeather: (query: { readonly location: string; readonly start: string; readonly end: string; readonly issuedBefore?: string; readonly source?: string; readonly limit?: number; readonly cursor?: string }) =>
    ask<{ readonly items: readonly ({ readonly id: string; readonly source: string; readonly location: string; readonly issuedAt: string; readonly start: string; readonly resolution: string; readonly temperatureC?: readonly (number | null)[] | null; readonly ghiWm2?: readonly (number | null)[] | null; readonly windMs?: readonly (number | null)[] | null })[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/weather`, query }),
  /** Weather vintages that touch a span, newest issue first: as a file. */
  listWeatherFile: (query: { readonly location: string; readonly start: string; readonly end: string; readonly issuedBefore?: string; readonly source?: string; readonly limit?: number; readonly cursor?: string; readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean }) =>
    file(options, { method: 'GET', path: `/v1/weather`, query }),
  /** Register another system's forecast, to be scored beside ours. */
  registerExternalForecast: (body: { readonly target: string; readonly source: string; readonly load?: "uncontrolled" | "net"; readonly issuedAt: string; readonly dataUpTo?: string; readonly start: string; readonly resolution: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW"; readonly values: Readonly<Record<string, readonly (number)[]>> }, headers: Readonly<Record<string, string>> = {}) =>
    ask<Forecast>(options, { method: 'POST', path: `/v1/forecasts/external`, body, headers }),
  /** Measure how accurate models would have been, each issue seeing only what was known then. */
  startBacktest: (body: { readonly target: string | { readonly sumOf: readonly (string)[] }; readonly models: readonly (string)[]; readonly start: string; readonly end: string; readonly issue?: string; readonly horizon?: string; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly refit?: string; readonly weather?: "vintage" | "actual" | "none"; readonly seed?: number }, headers: Readonly<Record<string, string>> = {}) =>
    ask<Backtest | Job>(options, { method: 'POST', path: `/v1/backtests`, body, headers }),
  /** What a backtest found; immutable. */
  getBacktest: (id: string) =>
    ask<Backtest>(options, { method: 'GET', path: `/v1/backtests/${encodeURIComponent(id)}` }),
  /** Every prediction of a backtest with its issuedAt and what came, as Parquet. */
  getBacktestPredictions: (id: string) =>
    file(options, { method: 'GET', path: `/v1/backtests/${encodeURIComponent(id)}/predictions` }),
  /** Write a bulk file of forecasts, measurements, scorecards or a training set. */
  startExport: (body: { readonly kind: "forecasts" | "measurements" | "scorecards" | "training" | "features"; readonly target: string; readonly start: string; readonly end: string; readonly format?: "parquet" | "csv"; readonly resolution?: "PT15M" | "PT30M" | "PT1H"; readonly unit?: "kW" | "MW"; readonly load?: "net" | "uncontrolled"; readonly asOf?: string; readonly leadTime?: string; readonly availableAt?: string; readonly vintages?: "newest" | "all"; readonly quantiles?: string; readonly role?: "cloud" | "gateway"; readonly weather?: "vintage" | "none"; readonly originEvery?: string; readonly timezone?: string; readonly excel?: boolean }, headers: Readonly<Record<string, string>> = {}) =>
    ask<Job>(options, { method: 'POST', path: `/v1/exports`, body, headers }),
  /** The file of an export, for 24 h. */
  getExportFile: (id: string) =>
    file(options, { method: 'GET', path: `/v1/exports/${encodeURIComponent(id)}` }),
  /** Features as GeoJSON, in pages. */
  listFeatures: (collection: string, query: { readonly bbox?: string; readonly datetime?: string; readonly limit?: number; readonly cursor?: string; readonly f?: "json" | "geojson" } = {}) =>
    ask<{ readonly type: "FeatureCollection"; readonly features: readonly ({ readonly type: "Feature"; readonly id: string; readonly geometry: unknown; readonly properties: Readonly<Record<string, unknown>>; readonly links?: readonly ({ readonly href: string; readonly rel: string } & Readonly<Record<string, unknown>>)[] })[]; readonly links: readonly ({ readonly href: string; readonly rel: string } & Readonly<Record<string, unknown>>)[]; readonly timeStamp: string; readonly numberMatched: number; readonly numberReturned: number }>(options, { method: 'GET', path: `/v1/ogc/collections/${encodeURIComponent(collection)}/items`, query }),
  /** One feature. */
  getFeature: (collection: string, id: string) =>
    ask<{ readonly type: "Feature"; readonly id: string; readonly geometry: unknown; readonly properties: Readonly<Record<string, unknown>>; readonly links?: readonly ({ readonly href: string; readonly rel: string } & Readonly<Record<string, unknown>>)[] }>(options, { method: 'GET', path: `/v1/ogc/collections/${encodeURIComponent(collection)}/items/${encodeURIComponent(id)}` }),
  /** Have events delivered; the answer holds the secret that signs them, this once. */
  createWebhook: (body: { readonly url: string; readonly events: readonly ("forecast.issued" | "job.finished" | "model.transition" | "limit.predicted")[] }, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ readonly id: string; readonly url: string; readonly events: readonly (string)[]; readonly createdAt: string; readonly pending: number; readonly dropped: number; readonly lastStatus: number | null; readonly lastError: string | null; readonly lastAt: string | null; readonly disabled: string | null; readonly secret?: string }>(options, { method: 'POST', path: `/v1/webhooks`, body, headers }),
  /** Webhooks of the caller, and how their deliveries go. */
  listWebhooks: () =>
    ask<{ readonly items: readonly ({ readonly id: string; readonly url: string; readonly events: readonly (string)[]; readonly createdAt: string; readonly pending: number; readonly dropped: number; readonly lastStatus: number | null; readonly lastError: string | null; readonly lastAt: string | null; readonly disabled: string | null; readonly secret?: string })[]; readonly nextCursor: string | null }>(options, { method: 'GET', path: `/v1/webhooks` }),
  /** Delete a webhook and what was still to be delivered to it. */
  deleteWebhook: (id: string) =>
    ask<undefined>(options, { method: 'DELETE', path: `/v1/webhooks/${encodeURIComponent(id)}` }),
  /** What became of every frame of a gateway, hour by hour. */
  getCompleteness: (id: string, query: { readonly start?: string; readonly end?: string } = {}) =>
    ask<{ readonly gateway: string; readonly start: string; readonly end: string; readonly total: { readonly stored: number; readonly missing: number; readonly refused: number; readonly dropped: number; readonly lost: number; readonly complete: boolean; readonly reasons: Readonly<Record<string, number>> }; readonly hours: readonly ({ readonly start: string; readonly stored: number; readonly missing: number; readonly refused: number; readonly dropped: number; readonly lost: number; readonly complete: boolean; readonly reasons: Readonly<Record<string, number>> })[] }>(options, { method: 'GET', path: `/v1/gateways/${encodeURIComponent(id)}/completeness`, query }),
  /** What gateways sent that did not fit: counts by code, and the newest samples. */
  getQuarantine: (query: { readonly gateway?: string; readonly code?: string; readonly limit?: number } = {}) =>
    ask<{ readonly codes: readonly ({ readonly code: string; readonly count: number; readonly title: string; readonly remedy: string })[]; readonly journals: readonly ({ readonly gateway: string; readonly missing: number; readonly refused: number; readonly dropped: number; readonly lost: number; readonly reasons: Readonly<Record<string, number>> })[]; readonly counts: Readonly<Record<string, number>>; readonly samples: readonly ({ readonly time: string; readonly gateway: string; readonly topic: string; readonly code: string; readonly detail: string; readonly payload: string; readonly bytes: number })[] }>(options, { method: 'GET', path: `/v1/quarantine`, query }),
  /** What gateways sent that did not fit: counts by code, and the newest samples: as a file. */
  getQuarantineFile: (query: { readonly format: "csv" | "parquet"; readonly timezone?: string; readonly excel?: boolean; readonly gateway?: string; readonly code?: string; readonly limit?: number }) =>
    file(options, { method: 'GET', path: `/v1/quarantine`, query }),
});
