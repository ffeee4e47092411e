/** ONNX execution providers. All but `cpu` need an ONNX Runtime that was built or installed with them. */
export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'openvino', 'qnn'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** The error for a configured provider that is missing; HostInference recognises it by `LACKS_PROVIDER`. */
export const providerLacks = (provider: string, why: string): string =>
  `execution provider ${provider} is not there: ${why}`;
export const LACKS_PROVIDER = /^execution provider \w+ is not there: /;

/** A model that returns its one-number input: enough to test whether a provider works. */
export const PROBE = Buffer.from(
  'CAg6QwoQCgFhEgFiIghJZGVudGl0eRIFcHJvYmVaEwoBYRIOCgwIARIICgIIAQoCCAFiEwoBYhIOCgwIARIICgIIAQoCCAFCAhAR',
  'base64',
);
