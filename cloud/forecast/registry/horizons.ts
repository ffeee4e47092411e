/** Horizon of the models of a place: shared/forecast/FEATURES.md. */
export const STEP_S = 900;
/** Steps of a cloud model: two days. */
export const STEPS = 192;
/** Steps of a gateway's model: one day. */
export const GATEWAY_STEPS = 96;
