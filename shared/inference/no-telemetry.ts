/**
 * ONNX Runtime's own builds report models and machine to their maker over HTTPS from 1.29 on, and write an id of the machine to its user's
 * cache. A gateway in a substation tells nobody. This holds for the process if it is set before the first session, and on the main thread:
 * a worker's environment is a copy that the library does not see.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
