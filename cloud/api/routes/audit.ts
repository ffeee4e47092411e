import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { Turns } from '../../../shared/time/turns.ts';
import { AuditEntry } from '../../audit/audit-entry.ts';
import type { WitnessedVerdict } from '../../audit/audit-list.ts';
import { auditTable } from '../../audit/audit-table.ts';
import { csvOf } from '../../tables/csv.ts';
import { formatTime, parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { pageOf } from '../answers/cursor.ts';
import { fileAnswer } from '../answers/document-files.ts';

const Part = (of: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: `part of ${of}` }));
const Filter = {
  who: Part('the name of the user or token'),
  what: Part('what was done'),
  on: Part('what it was done to'),
  outcome: Type.Optional(
    Type.Union([Type.Literal('done'), Type.Literal('refused')], { description: 'done, or refused with a code' }),
  ),
  from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; at or after' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; before' })),
};
const AuditQuery = Type.Object({
  ...Filter,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'nextCursor of the previous page' }),
  ),
});
type AuditQuery = Static<typeof AuditQuery>;
const ExportQuery = Type.Object({
  ...Filter,
  format: Type.Optional(Type.Union([Type.Literal('csv'), Type.Literal('jsonl')])),
});
type ExportQuery = Static<typeof ExportQuery>;

const AuditVerdict = Type.Object(
  {
    entries: Type.Integer({ description: 'valid entries up to the first problem' }),
    problem: Type.Union([
      Type.Object({
        archive: Type.Optional(Type.String({ description: 'file that contains the line; absent: the list itself' })),
        line: Type.Integer(),
        why: Type.String(),
      }),
      Type.Null(),
    ]),
    witness: Type.Union(
      [
        Type.Object({
          until: Type.Union([Type.String(), Type.Null()], {
            description: 'RFC 3339; time of the newest state that it received',
          }),
          entry: Type.Union([Type.Integer(), Type.Null()], { description: 'last entry of that state' }),
          isStale: Type.Boolean({ description: 'the list continues for more than a day after that state' }),
          lacks: Type.Union([Type.String(), Type.Null()], { description: 'why the witness cannot be read here' }),
        }),
        Type.Null(),
      ],
      {
        description: 'external holder of states of the list; null: none, so anyone with the key could rewrite the list',
      },
    ),
  },
  { title: 'AuditVerdict' },
);

const PAGE = 500;
/** Entries that one request scans; its cursor continues there even if none matched. */
const MOST_LOOKED_AT = 5_000;
const MOST_EXPORTED = 50_000;

/** The audit log: filtered, exported, and verified against its signatures. */
export function auditRoutes(app: FastifyInstance, { owner: { audit } }: ApiDeps): void {
  const tags = ['access'];
  /** An export may read the whole history, so one runs at a time. */
  const exports = new Turns();
  /** Oldest first. */
  const exported = async (fits: (entry: AuditEntry) => boolean): Promise<AuditEntry[]> => {
    const found: AuditEntry[] = [];
    let before = Number.MAX_SAFE_INTEGER;
    for (
      let page = await audit.list({ before, limit: PAGE });
      page.length > 0;
      page = await audit.list({ before, limit: PAGE })
    ) {
      found.push(...page.filter(fits));
      before = page.at(-1)!.n;
      if (found.length >= MOST_EXPORTED) break;
      await setImmediate();
    }
    return found.slice(0, MOST_EXPORTED).toReversed();
  };

  app.get<{ Querystring: AuditQuery }>(
    '/v1/audit',
    {
      config: { right: 'audit:read' },
      schema: {
        tags,
        operationId: 'listAudit',
        summary: 'List who did what, newest first',
        querystring: AuditQuery,
        response: { 200: pageOf(AuditEntry) },
      },
    },
    async ({ query }) => {
      const { limit = 100, cursor } = query;
      const fits = filterOf(query);
      const items: AuditEntry[] = [];
      let before = cursor ?? Number.MAX_SAFE_INTEGER;
      for (let looked = 0; looked < MOST_LOOKED_AT; looked += PAGE) {
        const page = await audit.list({ before, limit: PAGE });
        for (const entry of page) {
          if (items.length === limit) return { items, nextCursor: String(items.at(-1)!.n) };
          if (fits(entry)) items.push(entry);
        }
        if (page.length < PAGE) return { items, nextCursor: null };
        before = page.at(-1)!.n;
        await setImmediate();
      }
      return { items, nextCursor: String(before) };
    },
  );

  app.get<{ Querystring: ExportQuery }>(
    '/v1/audit/export',
    {
      config: { right: 'audit:read' },
      schema: {
        tags,
        operationId: 'exportAudit',
        summary: 'Export audit entries as a file: the newest 50,000 that match, oldest first',
        querystring: ExportQuery,
        response: { 200: fileAnswer('the entries', ['text/csv', 'application/jsonl']) },
      },
    },
    async ({ query }, reply) => {
      const fits = filterOf(query);
      const entries = await exports.take(() => exported(fits));
      const { format = 'csv' } = query;
      const body =
        format === 'csv' ? csvOf(auditTable(entries)) : entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl; charset=utf-8')
        .header('content-disposition', `attachment; filename="loadstone-audit.${format}"`)
        .serializer(String)
        .send(body);
    },
  );

  app.get(
    '/v1/audit/verdict',
    {
      config: { right: 'audit:read' },
      schema: {
        tags,
        operationId: 'getAuditVerdict',
        summary: 'Verify with the key of this cloud that no entry was altered, archives included',
        response: { 200: AuditVerdict },
      },
    },
    async () => {
      const { entries, problem, witness } = await audit.verify();
      return { entries, problem: problem ?? null, witness: witnessView(witness) };
    },
  );
}

function witnessView(witness: WitnessedVerdict['witness']): Static<typeof AuditVerdict>['witness'] {
  if (witness === null) return null;
  if (typeof witness === 'string') return { until: null, entry: null, isStale: false, lacks: witness };
  const { until, n = null, isStale } = witness;
  return { until: until === undefined ? null : formatTime(until), entry: n, isStale, lacks: null };
}

function filterOf({ who, what, on, outcome, from, to }: ExportQuery): (entry: AuditEntry) => boolean {
  const first = from === undefined ? -Infinity : parseTime(from, '/querystring/from');
  const end = to === undefined ? Infinity : parseTime(to, '/querystring/to');
  const holds = (text: string | null, part: string | undefined): boolean =>
    part === undefined || text?.toLowerCase().includes(part.toLowerCase()) === true;
  return (entry) =>
    holds(entry.who, who) &&
    holds(entry.what, what) &&
    holds(entry.on, on) &&
    (outcome === undefined || (entry.outcome === 'done') === (outcome === 'done')) &&
    entry.at >= first &&
    entry.at < end;
}
