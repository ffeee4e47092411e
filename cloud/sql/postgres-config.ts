import { Type, type Static } from 'typebox';
import { isHome } from '../../shared/config/is-home.ts';
import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { readNamed } from '../../shared/files/named-file.ts';

const Name = (description: string) =>
  Type.String({ minLength: 1, maxLength: 63, pattern: '^\\S+$', default: 'loadstone', description });

/** The PostgreSQL that holds the cloud's state. Secrets are read from files. */
export const PostgresConfig = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: '^\\S+$',
      description: 'the server: a name or an address, or the folder of its socket on this machine',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 5432 }),
    database: Name('it has to be there, in UTF8'),
    user: Name('it makes the schema "loadstone" in the database, and owns it'),
    passwordFile: Type.String({
      default: '',
      description: 'file with the password of user, read at each connection; empty: the server asks for none',
    }),
    security: Type.Union([Type.Literal('tls'), Type.Literal('none')], {
      default: 'tls',
      description: 'the certificate is verified; none: to a server on this machine alone',
    }),
    caFile: Type.String({
      default: '',
      description: 'certificate of the authority of the server (PEM); empty: those of the system',
    }),
  },
  { additionalProperties: false },
);
export type PostgresConfig = Static<typeof PostgresConfig>;

export interface PostgresOptions {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Called for each connection, so a changed password takes effect; empty or absent: none. */
  readonly password?: () => string;
  /** `ca`: the authority of the server's certificate (PEM); without it those of the system count. Absent: no TLS. */
  readonly tls?: { readonly ca?: string };
  /** The schema of the tables; created if missing. */
  readonly schema?: string;
  /** Reads beside the holder of the database: writes nothing and creates no tables. */
  readonly isReader?: boolean;
  /** The role of this process in a word, for anyone who lists the server's connections; absent: the owner, or a command. */
  readonly role?: string;
}

/** A host may be the folder of a Unix socket. */
const isSocket = (host: string): boolean => host.startsWith('/');

/** Checks that the schema cannot express. */
export function checkPostgres(postgres: PostgresConfig | undefined, refuse: RefuseConfig): void {
  if (postgres === undefined) return;
  const { host, security, caFile } = postgres;
  const no = (key: string, text: string): void => refuse(`/state/postgres/${key}`, 'LS-CONFIG-002', text);
  if (host.includes('://') || host.includes('@'))
    no('host', `${host.replace(/^.*@/, '...@')} is an address of more than a host: the rest stands in keys of its own`);
  else if (/^[^:[\]]+:\d+$/.test(host)) no('host', `${host}: write the number into port`);
  else if (isSocket(host) && security === 'tls') no('security', 'TLS has no place on a socket: write none');
  else if (security === 'none' && !isSocket(host) && !isHome(host))
    no('security', `none is for a server on this machine; ${host} is another one: leave it out`);
  if (security === 'none' && caFile !== '') no('caFile', 'says nothing without TLS: leave it out');
}

/** Throws LS-CONFIG-003 if a file that the configuration names is missing or empty. */
export function postgresOptions({
  passwordFile,
  security,
  caFile,
  ...server
}: PostgresConfig): PostgresOptions & { readonly password: () => string } {
  const password = (): string => (passwordFile === '' ? '' : readNamed('state.postgres.passwordFile', passwordFile));
  password();
  if (security === 'none') return { ...server, password };
  return { ...server, password, tls: caFile === '' ? {} : { ca: readNamed('state.postgres.caFile', caFile) } };
}
