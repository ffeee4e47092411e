import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../../shared/config/command-line.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import { readPinnedKeys, verifyKeyList } from '../../../shared/pki/key-list.ts';
import { csvOf } from '../../tables/csv.ts';
import { auditTable } from '../audit-table.ts';
import { archivesIn, sealsBefore, unpacked, type Archives } from '../audit-archive.ts';
import { entryOf, linesOf } from '../audit-lines.ts';
import { checkpointFile } from '../audit-log.ts';
import { verifyAudit, type AuditEvidence } from '../verify-audit.ts';
import { newestOf, statesOf, witnessState } from '../witness-state.ts';

const HELP = `usage: loadstone audit verify|export [options]

Reads the audit list (who did what), a hash chain of signed entries. Changes nothing; the cloud may be running. Older
entries are in compressed archives beside the list; the first entry after each archive seals it.

  verify   checks every entry and the signed state; names the first line that was changed
  export   prints every entry, oldest first

  --data DIR          data folder of the cloud (./.loadstone/cloud)
  --keys FILE         trusted keys with the root that signs them; best a copy that is pinned at a gateway
                      (DIR/trusted-keys.json)
  --archives DIR      folder of the archives, if they were moved (the same as --data)
  --checkpoint FILE   a signed state kept elsewhere; may be repeated. Detects a list that was replaced as a whole by an
                      older copy: copy DIR/audit.jsonl.checkpoint to another machine now and then
  --witness FILE      signed states of an external witness (audit.witnessFile in the configuration): the list must contain
                      all of them, and must not continue for more than a day after the last
  --format F          export: jsonl or csv (jsonl)
  --json              verify: prints the verdict as one JSON object
  --help              this text

examples:
  loadstone audit verify --data /var/lib/loadstone-cloud --keys /media/keys.json --checkpoint /media/june.checkpoint
  loadstone audit verify --data /var/lib/loadstone-cloud --witness /mnt/witness/audit.states
  loadstone audit export --format csv > audit.csv

exit codes: 0 intact, 1 changed, not witnessed for a day, or no list found, 2 usage
`;

const DEFAULT_DATA = './.loadstone/cloud';

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    data: { type: 'string', default: DEFAULT_DATA },
    keys: { type: 'string' },
    archives: { type: 'string' },
    checkpoint: { type: 'string', multiple: true, default: [] },
    witness: { type: 'string' },
    format: { type: 'string', default: 'jsonl' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return say(HELP);
  const [action] = positionals;
  if (action === undefined || !['verify', 'export'].includes(action))
    return usage(`audit: ${action === undefined ? 'give' : `"${action}" is not an action; give`} verify or export`);
  if (!['jsonl', 'csv'].includes(values.format)) return usage(`audit: --format ${values.format}: give jsonl or csv`);
  const file = join(values.data, 'audit.jsonl');
  if (!existsSync(file)) {
    process.stderr.write(`loadstone: audit: there is no audit list ${file}\n`);
    return 1;
  }
  const archives = archivesIn(values.archives ?? values.data);
  if (action === 'export') return exportList(readFileSync(file), archives, values.format);
  const own = checkpointFile(file);
  const states = values.witness === undefined ? [] : statesOf(read(values.witness));
  const outside = [...values.checkpoint.map(read), ...states];
  // All signed states before the list: entries that a running cloud adds meanwhile are then beyond them.
  const checkpoints = [...(existsSync(own) ? [read(own)] : []), ...outside];
  const log = readFileSync(file);
  const verdict = verifyAudit({
    log,
    archives,
    checkpoints,
    ...(await keysOf(values.keys ?? join(values.data, 'trusted-keys.json'))),
  });
  const witnessed = newestOf(outside);
  const isStale = values.witness !== undefined && witnessState(states, log).isStale;
  const until = witnessed === undefined ? null : new Date(witnessed.until).toISOString();
  const { entries, problem = null } = verdict;
  if (values.json) say(`${JSON.stringify({ entries, problem, witnessedUntil: until, isStale })}\n`);
  else if (verdict.problem === undefined) {
    say(`${file}: ${entries} entries, all intact\n`);
    if (witnessed === undefined)
      say('unwitnessed: no signed state is kept elsewhere, so whoever has its key can rewrite it\n');
    else say(`witnessed until ${until}, up to entry ${witnessed.n}\n`);
    if (isStale) say(`stale: the list continues for more than a day after the last state in ${values.witness}\n`);
  } else {
    const { archive, line, why } = verdict.problem;
    const at = archive === undefined ? file : join(values.archives ?? values.data, archive);
    say(`${at}:${line}: ${why}; the ${verdict.entries} entries before it are intact\n`);
  }
  return verdict.problem === undefined && !isStale ? 0 : 1;
}

/** Leaves out unreadable lines and reports their number; `verify` gives details. */
function exportList(log: Buffer, archives: Archives, format: string): number {
  const seals = sealsBefore(log, archives);
  const missing = seals.filter(({ file }) => unpacked(archives(file)) === undefined);
  for (const { file, first, last } of missing)
    process.stderr.write(`loadstone: audit: entries ${first} to ${last} are left out: ${file} cannot be read\n`);
  const parts = [...seals.map(({ file }) => unpacked(archives(file)) ?? new Uint8Array()), log];
  const lines = parts.flatMap((part) => linesOf(part).lines);
  const read = lines.map((line) => entryOf(line));
  const entries = read.filter((each) => typeof each !== 'string');
  if (format === 'csv') say(csvOf(auditTable(entries)));
  else for (const entry of entries) say(`${JSON.stringify(entry)}\n`);
  const unread = lines.length - entries.length;
  if (unread > 0)
    process.stderr.write(`loadstone: audit: ${unread} lines cannot be read; see loadstone audit verify\n`);
  return unread + missing.length > 0 ? 1 : 0;
}

/** The audit keys as signed by the root. A file of an older version has the one key that signed everything. */
async function keysOf(file: string): Promise<Pick<AuditEvidence, 'keys' | 'current'>> {
  const pinned = readPinnedKeys(read(file));
  if (!pinned.ok)
    throw new LoadstoneError('LS-CONFIG-003', `${file}: expected {"keys": [...]} with public Ed25519 keys as JWK`);
  const { root, list } = pinned.value.pinned ?? {};
  if (root === undefined || list === undefined) return { keys: pinned.value.keys };
  const { audit } = unwrap(await verifyKeyList(list, [root])).roles;
  return { keys: audit, current: audit[0]!.kid };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${messageOf(error)}`);
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function usage(text: string): number {
  process.stderr.write(`loadstone: ${text}\n  loadstone audit --help shows the options.\n`);
  return 2;
}
