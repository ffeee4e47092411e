interface Parameter {
  readonly name?: string;
  readonly schema?: { readonly anyOf?: readonly { readonly enum?: readonly unknown[] }[] };
}
interface Answer {
  content?: Record<string, object>;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly responses?: Record<string, Answer>;
}
interface Document {
  readonly paths?: Readonly<Record<string, object | undefined>> | undefined;
}

const binary = { schema: { type: 'string', format: 'binary' } };
/** Media type and schema of each value of `format` other than json. */
const FILES: Readonly<Record<string, readonly [string, object]>> = {
  csv: [
    'text/csv',
    {
      schema: {
        type: 'string',
        description: 'RFC 4180, UTF-8, decimal point, header row; a series has a row per target and start',
      },
    },
  ],
  parquet: ['application/vnd.apache.parquet', binary],
  geojson: [
    'application/geo+json',
    { schema: { type: 'object', description: 'a GeoJSON FeatureCollection (RFC 7946)' } },
  ],
};

/** Adds to an OpenAPI document the files that routes answer with besides JSON: one for each format that their query allows. */
export function withFiles<T extends Document>(document: T): T {
  for (const operation of Object.values(document.paths ?? {}).flatMap(
    (each) => Object.values(each ?? {}) as Operation[],
  )) {
    const content = operation.responses?.['200']?.content;
    if (content === undefined) continue;
    const format = operation.parameters?.find(({ name }) => name === 'format')?.schema;
    for (const word of format?.anyOf?.flatMap((each) => each.enum ?? []) ?? []) {
      const file = FILES[String(word)];
      if (file !== undefined) content[file[0]] ??= file[1];
    }
  }
  return document;
}

/** Describes the answer of a route that sends a file of one of these media types. */
export const fileAnswer = (description: string, types: readonly string[]) => ({
  description,
  content: Object.fromEntries(types.map((type) => [type.split(';')[0]!, binary])),
});
