/** What a model of the contract `context` may be told of an interval beside its load; shared/forecast/CONTEXT.md has units and meaning. */
export const COVARIATES = ['sin1', 'cos1', 'sin2', 'cos2', 'free', 'ghi', 'wind', 'temperature'] as const;
export type Covariate = (typeof COVARIATES)[number];
