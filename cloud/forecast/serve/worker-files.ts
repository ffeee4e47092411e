/** Files of the training and forecast threads. */
export const forecastWorker = new URL('forecast.worker.ts', import.meta.url);

export const protocolWorker = new URL('protocol/protocol.worker.ts', import.meta.url);
