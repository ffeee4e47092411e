import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** The address of an InfluxDB, and the cloud's credentials. */
export interface InfluxServer {
  readonly url: string;
  readonly database: string;
  readonly token?: string;
}

const PING_MS = 3000;

/** The major version of the server: 1, 2 or 3. Rejects with LS-STORE-001 if nothing answers, or something else does. */
export async function influxVersion({ url, token }: InfluxServer): Promise<1 | 2 | 3> {
  const target = new URL('ping', url.endsWith('/') ? url : `${url}/`);
  let response: Response;
  let body: string;
  try {
    const headers = token === undefined ? {} : { authorization: `Token ${token}` };
    response = await fetch(target, { headers, signal: AbortSignal.timeout(PING_MS) });
    body = await response.text();
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new LoadstoneError(
      'LS-STORE-001',
      `InfluxDB at ${url}: ${why}; check that it is running and that telemetry.url is right`,
    );
  }
  const said = response.headers.get('x-influxdb-version') ?? /"version":"([^"]+)"/.exec(body)?.[1] ?? '';
  const major = /^v?([123])\./.exec(said)?.[1];
  if (major !== undefined && response.status !== 404) return Number(major) as 1 | 2 | 3;
  // Only 3.x requires a token before it reports its version.
  if (response.status === 401) return 3;
  throw new LoadstoneError(
    'LS-STORE-001',
    `${target.href} answers ${response.status} and is not InfluxDB: telemetry.url must be the address of the server alone, such as http://127.0.0.1:8086`,
  );
}

/** The remedy for a server's answer; empty if only the server itself can be the cause. */
export function influxRemedy(status: number, message: string, { database, token }: InfluxServer): string {
  if (status === 401 || status === 403 || /unauthorized|unable to parse authentication/i.test(message))
    return token === undefined
      ? '; it needs a token: put one into a file and name it in telemetry.tokenFile'
      : `; it rejects the token in telemetry.tokenFile, which must be allowed to read and write ${database}`;
  if (/database not found|bucket .*not found|not found: bucket|dbrp/i.test(message))
    return `; there is no database ${database}: on 1.x "influx -execute 'CREATE DATABASE ${database}'", on 2.x "influx bucket create -n ${database}" and "influx v1 dbrp create --db ${database} --rp autogen --default --bucket-id ID", on 3.x "influxdb3 create database ${database}"`;
  if (/organization/i.test(message))
    return '; telemetry.org is not an organisation there: list them with "influx org list"';
  if (status === 404) return '; telemetry.url must be the address of the server alone, such as http://127.0.0.1:8086';
  return '';
}
