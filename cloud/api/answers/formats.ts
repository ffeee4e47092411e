import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { csvOf } from '../../tables/csv.ts';
import { zoneOf } from '../../tables/local-time.ts';
import { parquetOf } from '../../tables/parquet.ts';
import type { Table } from '../../tables/table.ts';

export type Format = 'json' | 'csv' | 'parquet';

/** Query of every route that can also answer with a table. */
export const TableQuery = Type.Object({
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('parquet')], {
      description: 'default json; the Accept header works too',
    }),
  ),
  timezone: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'IANA name; adds the column startLocal to CSV',
      examples: ['Europe/Amsterdam'],
    }),
  ),
  excel: Type.Optional(
    Type.Boolean({ description: 'CSV with a byte order mark; startLocal has no offset, and the column fold is added' }),
  ),
});
type TableQuery = Static<typeof TableQuery>;

export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  parquet: 'application/vnd.apache.parquet',
};

/** `format` wins over Accept; of Accept, the first type we offer counts. */
export function chooseFormat(format: Format | undefined, accept: string | undefined): Format {
  if (format !== undefined) return format;
  if (accept === undefined) return 'json';
  for (const part of accept.split(',')) {
    const type = part.split(';')[0]!.trim().toLowerCase();
    if (type === '*/*' || type === 'application/*' || type === 'application/json') return 'json';
    if (type === 'text/csv' || type === 'text/*') return 'csv';
    if (type === 'application/vnd.apache.parquet') return 'parquet';
  }
  throw new LoadstoneError(
    'LS-API-011',
    `"${accept.slice(0, 60)}" is not available: accept application/json, text/csv or application/vnd.apache.parquet`,
  );
}

export const formatOf = (request: FastifyRequest<{ Querystring: TableQuery }>): Format =>
  chooseFormat(request.query.format, request.headers.accept);

export function zoneFor(name: string | undefined, pointer = '/querystring/timezone'): LocalCalendar | undefined {
  if (name === undefined) return undefined;
  const zone = zoneOf(name);
  if (zone === undefined)
    throw new LoadstoneError('LS-API-001', `"${name}" is not an IANA time zone such as Europe/Amsterdam`, pointer);
  return zone;
}

/** Encodes a table as CSV or Parquet. */
export function tableBytes(table: Table, format: 'csv' | 'parquet', query: TableQuery): string | Uint8Array {
  if (format === 'parquet') return parquetOf(table);
  return csvOf(table, { zone: zoneFor(query.timezone), excel: query.excel });
}

/**
 * A file has no next page, and a silently truncated one would pass for complete. The caller reads one row more than `most` into `found`.
 */
export function assertWhole(found: readonly unknown[], most: number): void {
  if (found.length > most)
    throw new LoadstoneError(
      'LS-API-006',
      `more than ${most} entries in one file: request a shorter span, the newest by limit, or pages as JSON`,
    );
}

/** Sends a table as CSV or Parquet, with a file name for the download. */
export function sendTable(
  reply: FastifyReply,
  table: Table,
  options: { readonly format: 'csv' | 'parquet'; readonly query: TableQuery; readonly name: string },
): FastifyReply {
  const { format, query, name } = options;
  const bytes = tableBytes(table, format, query);
  return reply
    .type(MEDIA_TYPES[format])
    .header('content-disposition', `inline; filename="${name}.${format}"`)
    .header('vary', 'Accept')
    .send(typeof bytes === 'string' ? bytes : Buffer.from(bytes));
}
