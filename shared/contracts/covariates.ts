/**
 * Covariates that a model of the contract `context` may get for an interval besides its load. Units and meaning:
 * shared/forecast/CONTEXT.md.
 */
export const COVARIATES = ['sin1', 'cos1', 'sin2', 'cos2', 'free', 'ghi', 'wind', 'temperature'] as const;
export type Covariate = (typeof COVARIATES)[number];
