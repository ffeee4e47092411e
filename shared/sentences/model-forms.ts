/** Why a model is refused, by the code of the refusal. The values are sent only in the text and read out of it. */
export const modelForms = {
  'LS-MODEL-001': [
    'the bytes of {model} do not have the hash of its manifest',
    'it has {size} bytes, its manifest says {stated}',
    'its bytes do not match the hash of its manifest',
    '{model} is in the registry with other bytes; versions are never overwritten',
    'model {model} did not load in time',
    'model {model} does not load: {error}',
  ],
  'LS-MODEL-002': ['there is no model {model}'],
  'LS-MODEL-003': [
    '{state} is not for people to decide',
    '{model} is {state} already',
    '{model} is {before}: it cannot become {state}',
    '{model} has expired',
    'nothing answers for {target} yet: make it active',
  ],
  'LS-MODEL-004': [
    'feature schema {version} is not known here, only {figures}',
    'it needs sun or wind, and a gateway has only the temperature',
    'its manifest says weather {weather}, its features do not',
    'its features are not those of the feature schema',
    'version {version} of the contract context is not known here, only {known}',
    'it takes raw history and names features too',
    'it takes raw history: it has no members to blend',
    'it asks for {steps} steps of history, {kept} are kept here',
    'covariate {covariate} is not known here, or named twice',
    'its manifest says weather {weather}, its covariates do not',
    'its quantiles do not ascend or lack the median',
    'the groups of steps of its blend do not ascend to its last step',
    'the weights of its blend are not those of {count} members that add up to 1',
  ],
  'LS-MODEL-005': [
    'it is no ONNX file',
    'it holds no graph',
    'it defines functions of its own',
    'it holds a sub-graph',
    'it holds a sparse tensor',
    'it refers to external data',
    'operator {operator} is not allowed',
    'operators of {domain} are not allowed',
    'its graph has more than {most} parts',
    'a node has more than {most} inputs and outputs',
    'a node has more than {most} attributes',
    'a value has more than {most} dimensions',
    'a tensor has more than {most} dimensions',
    'a tensor tells of {count} elements and does not hold them',
    'a tensor of {count} elements is too large: {most} are allowed',
    'its nodes are not in order',
    'two nodes make {output}',
    'the size of what {operator} makes follows from a value of its input',
  ],
  'LS-MODEL-006': ['it gives {count} values, not {wanted}', 'its members give {count} values, not {wanted}'],
  'LS-MODEL-008': [
    'it has {inputs} parity inputs and {outputs} outputs',
    'parity input {row} has {count} columns, not {wanted}',
    'parity output {row} has {count} values, not {wanted}',
    'parity vector {row} differs at {step}: {own} instead of {wanted}',
    'its members make {own} at {step}, it answers {wanted}',
  ],
  'LS-MODEL-009': [
    'it has {size} bytes, a gateway takes {most}',
    'it has {size} bytes, a cloud takes {most}',
    'one inference takes {ms} ms, {most} are allowed',
    'model {model} does not load: {error}',
  ],
  'LS-MODEL-011': ['{model} has expired', 'it has expired on {day}'],
} as const;

/** Runs without an answer. The caller of the model chooses the code. */
export const modelRuns = [
  'model {model} is late',
  'model {model} failed: {error}',
  'model {model} gave a value that is not finite',
  'with gaps in its history: {detail}',
  '{model} takes its place as challenger',
  '{model} answers in its place',
] as const;

type Forms = (typeof modelForms)[keyof typeof modelForms][number] | (typeof modelRuns)[number];
/** All these sentences in a language. A language that lacks one does not compile. */
export type ModelWords = Readonly<Record<Forms, string>>;
