import { Type, type Static } from 'typebox';
import { readConfig } from '../../../shared/config/read-config.ts';
import { allScopes, type Caller, Scope } from '../../access/caller.ts';
import { hashed } from '../../access/people-reader.ts';

/** Tokens of planners and their tools, as hashes: the file holds no secret. */
const CallerFile = Type.Object(
  {
    version: Type.Literal(1),
    callers: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 80 }),
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the token, in hexadecimal' }),
          scopes: Type.Array(Scope),
          targets: Type.Union([Type.Literal('*'), Type.Array(Type.String({ maxLength: 200 }), { maxItems: 10_000 })]),
          requestsPerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
        },
        { additionalProperties: false },
      ),
      { maxItems: 10_000 },
    ),
  },
  { additionalProperties: false },
);
type CallerFile = Static<typeof CallerFile>;

export interface KnownCallers {
  /** Content of the callers' file; undefined if there is none. */
  readonly text: string | undefined;
  readonly file: string;
  /** A token with all rights, only with a simulated plant. */
  readonly ownToken: string | undefined;
  readonly requestsPerSecond: number;
}

/** Returns a lookup of the file's callers by name. */
export function callersNamed({ text, file, requestsPerSecond }: KnownCallers): (name: string) => Caller | undefined {
  const byName = new Map<string, Caller>();
  if (text !== undefined)
    for (const { sha256: _, ...caller } of readConfig(CallerFile, { file, text }).callers)
      byName.set(caller.name, { ...caller, requestsPerSecond: caller.requestsPerSecond ?? requestsPerSecond });
  return (name) => byName.get(name);
}

/** Returns a lookup of callers by token hash, so that its timing reveals nothing about the token. */
export function callersByHash(known: KnownCallers): (hash: string) => Caller | undefined {
  const { requestsPerSecond } = known;
  const own: Caller = {
    name: 'owner',
    scopes: allScopes,
    targets: '*',
    requestsPerSecond,
  };
  const byHash = new Map<string, Caller>(known.ownToken === undefined ? [] : [[hashed(known.ownToken), own]]);
  if (known.text !== undefined) {
    for (const { sha256, ...caller } of readConfig(CallerFile, { file: known.file, text: known.text }).callers) {
      byHash.set(sha256, { ...caller, requestsPerSecond: caller.requestsPerSecond ?? requestsPerSecond });
    }
  }
  return (hash) => byHash.get(hash);
}

export function callersOf(known: KnownCallers): (token: string) => Caller | undefined {
  const byHash = callersByHash(known);
  return (token) => byHash(hashed(token));
}
