interface Schema {
  readonly type?: string | readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  format?: string;
}
interface Answer {
  headers?: object;
  readonly content?: Readonly<Record<string, object>>;
}
interface Operation {
  readonly summary?: string;
  description?: string;
  readonly 'x-right'?: string;
  readonly parameters?: readonly { readonly schema?: Schema }[];
  readonly requestBody?: object;
  responses?: Record<string, Answer | object>;
}
interface Document {
  readonly paths?: Readonly<Record<string, object | undefined>> | undefined;
  components?: object | undefined;
}

const integer = (description: string) => ({ description, schema: { type: 'integer', format: 'int32' } });
const RATE = {
  'RateLimit-Limit': integer('size of the burst, in requests'),
  'RateLimit-Remaining': integer('requests left now'),
  'RateLimit-Reset': integer('seconds until the full burst is left again; after a 429, until the next request'),
};
const problem = (description: string, headers: object = {}) => ({
  description,
  headers: { ...RATE, ...headers },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});
const ANSWERS = {
  Unauthorized: problem('No valid session or token'),
  TooMany: problem('Too many requests per second', { 'Retry-After': integer('seconds to wait') }),
  Refused: problem('The request is refused; the code says why'),
  OurError: problem('Internal error'),
  Failed: problem('Something that this depends on failed; the code says what'),
  NotNow: problem('Something that this depends on is not available yet'),
  NotKnown: problem('The outcome is unknown: look up whether the request was carried out'),
};
const ref = (name: keyof typeof ANSWERS) => ({ $ref: `#/components/responses/${name}` });
const OF_ALL = {
  401: ref('Unauthorized'),
  429: ref('TooMany'),
  '4XX': ref('Refused'),
  500: ref('OurError'),
  503: ref('NotNow'),
  504: ref('NotKnown'),
  '5XX': ref('Failed'),
};
/** The same for an operation that a browser opens as a page: it may say in a page why it refuses. */
const OF_PAGES = Object.fromEntries(
  Object.entries(OF_ALL).map(([status, { $ref }]) => {
    const answer = ANSWERS[$ref.split('/').at(-1) as keyof typeof ANSWERS];
    return [status, { ...answer, content: { ...answer.content, 'text/html': { schema: { type: 'string' } } } }];
  }),
);
const INT32_MAX = 2 ** 31 - 1;

/** Adds to every operation what all have in common: the required right, the rate, the form of errors, and the size of integers. */
export function complete<T extends Document>(document: T): T {
  document.components = { ...document.components, responses: ANSWERS };
  const operations = Object.values(document.paths ?? {}).flatMap((each) => Object.values(each ?? {}) as Operation[]);
  for (const operation of operations) {
    operation.description ??= `${operation.summary}. ${whoMay(operation['x-right'])}`;
    for (const [status, answer] of Object.entries(operation.responses ?? {}))
      if (status.startsWith('2')) (answer as Answer).headers = RATE;
    const { content = {} } = (operation.responses?.['200'] ?? {}) as Answer;
    operation.responses = { ...operation.responses, ...('text/html' in content ? OF_PAGES : OF_ALL) };
    nameFormats([operation.parameters, operation.requestBody]);
  }
  return document;
}

function whoMay(right: string | undefined): string {
  if (right === 'public') return 'Requires no authentication.';
  return right === 'session' ? 'Requires a session.' : `Requires the right ${right}.`;
}

/** Sets the format of integers in a request by their bounds. */
function nameFormats(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const { type, minimum = -Infinity, maximum = Infinity } = part as Schema;
  if (type === 'integer') (part as Schema).format ??= minimum < -INT32_MAX || maximum > INT32_MAX ? 'int64' : 'int32';
  for (const each of Object.values(part)) nameFormats(each);
}
