import { DatabaseError } from 'pg';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Lost } from './postgres-connection.ts';
import type { PostgresOptions } from './postgres-config.ts';

type Server = Pick<PostgresOptions, 'host' | 'port' | 'database' | 'user'>;

/**
 * Turns a failed start on PostgreSQL into an LS-STATE-001 that names the configuration key to check. Errors that come from neither the
 * server nor the network pass through unchanged.
 */
export function startFault(error: unknown, server: Server): unknown {
  const cause = error instanceof Lost ? error.cause : error;
  if (cause instanceof LoadstoneError) return cause;
  const [key, what] =
    cause instanceof DatabaseError
      ? refusal(cause, server)
      : error instanceof Lost
        ? network(cause as NodeJS.ErrnoException, error.message, server)
        : [undefined, ''];
  return key === undefined ? error : new LoadstoneError('LS-STATE-001', `state.postgres.${key}: ${what}`);
}

/** The server answered with an error. */
function refusal({ code, message }: DatabaseError, { database, user }: Server): readonly [string, string] {
  switch (code) {
    case '28P01':
      return ['passwordFile', `the server rejects the password of ${user}: ${message}`];
    case '28000':
      return ['user', `the server does not accept ${user} from here, see its pg_hba.conf: ${message}`];
    case '3D000':
      return [
        'database',
        `the server has no database of this name: create it with CREATE DATABASE ${database} OWNER ${user}`,
      ];
    case '42501':
      return ['user', `${message}: allow it with GRANT CREATE, CONNECT ON DATABASE ${database} TO ${user}`];
    case '25006':
      return ['host', 'the server accepts no writes: name the primary'];
    default:
      return ['host', `the server answers ${code ?? ''}: ${message}`];
  }
}

/** The server did not answer, or not in the PostgreSQL protocol. */
function network({ code = '' }: NodeJS.ErrnoException, message: string, server: Server): readonly [string, string] {
  const at = `${server.host}:${server.port}`;
  if (/password must be/.test(message)) return ['passwordFile', `the server needs the password of ${server.user}`];
  if (/does not support SSL/.test(message))
    return ['security', `${at} does not support TLS: set it up there, or use none for a server on this machine`];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return ['host', `the certificate of ${at} is for another name: ${message}`];
  if (/CERT|SIGNATURE|ISSUER|SELF_SIGNED/.test(code))
    return ['caFile', `the certificate of ${at} is not trusted (${code}): name the CA that issued it`];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ['host', `there is no host ${server.host}: ${message}`];
  return ['host', `PostgreSQL does not answer at ${at}: ${message}`];
}
