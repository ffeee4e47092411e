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
      description: 'host name or address of the server, or the folder of its Unix socket on this machine',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 5432 }),
    database: Name('existing database with encoding UTF8'),
    user: Name('user that creates and owns the schema "loadstone" in the database'),
    passwordFile: Type.String({
      default: '',
      description: 'file with the password of the user, read at each connection; empty: the server needs none',
    }),
    security: Type.Union([Type.Literal('tls'), Type.Literal('none')], {
      default: 'tls',
      description: 'tls verifies the certificate; none: only for a server on this machine',
    }),
    caFile: Type.String({
      default: '',
      description: 'CA certificate of the server (PEM); empty: those of the system',
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
    no(
      'host',
      `${host.replace(/^.*@/, '...@')} is more than a host: write the host alone, and the rest into the other keys`,
    );
  else if (/^[^:[\]]+:\d+$/.test(host)) no('host', `${host}: write the number into port`);
  else if (isSocket(host) && security === 'tls')
    no('security', 'is tls, which a Unix socket does not support: use none');
  else if (security === 'none' && !isSocket(host) && !isHome(host))
    no('security', `none is only for a server on this machine, but ${host} is another one: use tls`);
  if (security === 'none' && caFile !== '') no('caFile', 'has no effect without TLS: remove it');
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
