/** What may run models. Each but the processor is there only where the machine's ONNX Runtime was built or installed with it. */
export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'openvino', 'qnn'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** What is said where a provider is configured and not there; HostInference knows it by this. */
export const providerLacks = (provider: string, why: string): string =>
  `execution provider ${provider} is not there: ${why}`;
export const LACKS_PROVIDER = /^execution provider \w+ is not there: /;

/** A model that answers with its row of one number: what it takes to see whether a provider is there. */
export const PROBE = Buffer.from(
  'CAg6QwoQCgFhEgFiIghJZGVudGl0eRIFcHJvYmVaEwoBYRIOCgwIARIICgIIAQoCCAFiEwoBYhIOCgwIARIICgIIAQoCCAFCAhAR',
  'base64',
);
