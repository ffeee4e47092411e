import { statfsSync } from 'node:fs';
import { cpus, freemem, loadavg, networkInterfaces, release, totalmem, uptime } from 'node:os';
import { namedFiles } from '../backup/files.ts';
import { checkLines, statusLines } from '../local/status-text.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { inspectJournal, readJournal } from '../journal/inspect.ts';
import { NodeDisk } from '../journal/node-disk.ts';
import { readText } from '../local/paths.ts';
import type { LocalAnswer } from '../local/protocol.ts';
import { readable } from './log-lines.ts';
import { withoutSecrets } from './without-secrets.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface Sources {
  readonly configPath: string;
  /** Undefined if there is no file; an error if it is invalid. */
  readonly config: GatewayConfig | Error | undefined;
  readonly software: string;
  /** Machine time, ms UTC. */
  readonly madeAt: number;
  readonly status: () => Promise<LocalAnswer>;
  /** Lines of the daemon's log, oldest first. */
  readonly log: () => AsyncIterable<string>;
}

const EVENTS = 500;
const MB = 1e6;

/**
 * Everything support needs to see of a gateway, as one text to read before sending it: computer, configuration, status, journal,
 * its newest events, and log. A part that is unavailable says why; secrets are left out.
 */
export async function supportReport(sources: Sources): Promise<string> {
  const { config, configPath } = sources;
  const usable = config instanceof Error ? undefined : config;
  const known = usable === undefined ? [] : secretsOf(usable);
  const folder = usable?.journal.path;
  const parts: [title: string, text: () => Promise<string> | string][] = [
    ['computer', () => computer(sources, folder)],
    [`configuration ${configPath}`, () => configuration(configPath, config)],
    ['status of the running gateway', () => status(sources)],
    ['journal', () => (folder === undefined ? 'unknown: there is no valid configuration' : journal(folder))],
    [`newest events, at most ${EVENTS}`, () => (folder === undefined ? 'none' : events(folder))],
    ['log', () => lines(sources.log())],
  ];
  const texts: string[] = [];
  for (const [title, text] of parts) texts.push(`== ${title}\n\n${(await orWhy(text)).trimEnd()}\n`);
  return withoutSecrets(texts.join('\n'), known);
}

async function orWhy(text: () => Promise<string> | string): Promise<string> {
  try {
    return await text();
  } catch (error) {
    return `not available: ${messageOf(error)}`;
  }
}

const secretsOf = (config: GatewayConfig): string[] =>
  namedFiles(config)
    .filter(({ kind }) => kind.endsWith('-user') || kind.endsWith('-users'))
    .flatMap(({ path }) => {
      const read = readText(path);
      return 'text' in read ? [read.text] : [];
    });

function computer({ software, madeAt }: Sources, folder: string | undefined): string {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, found]) =>
    (found ?? []).map(({ cidr }) => `${name} ${cidr ?? '-'}`),
  );
  return [
    `made at   ${new Date(madeAt).toISOString()} by the clock of this computer`,
    `software  ${software}, Node ${process.version}, Linux ${release()} ${process.arch}`,
    `processor ${cpus().length} x ${cpus()[0]?.model ?? '-'}, load ${loadavg()
      .map((each) => each.toFixed(2))
      .join(' ')}`,
    `memory    ${(freemem() / MB).toFixed(0)} of ${(totalmem() / MB).toFixed(0)} MB free; up for ${(uptime() / 3600).toFixed(1)} h`,
    ...(folder === undefined ? [] : [`disk      ${disk(folder)}`]),
    `addresses ${addresses.join(', ')}`,
  ].join('\n');
}

function disk(folder: string): string {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return `${((bavail * bsize) / MB).toFixed(0)} of ${((blocks * bsize) / MB).toFixed(0)} MB free at ${folder}`;
  } catch (error) {
    return `not available: ${(error as Error).message}`;
  }
}

function configuration(path: string, config: Sources['config']): string {
  const read = readText(path);
  const text = 'text' in read ? read.text : `not available: ${read.why}`;
  const verdict =
    config instanceof Error ? `invalid: ${config.message}` : config === undefined ? 'there is none' : 'valid';
  return `${verdict}\n\n${text}`;
}

async function status({ status: ask }: Sources): Promise<string> {
  const answer = await ask();
  if (!answer.ok) return `${answer.code}: ${answer.text}`;
  if (!('status' in answer)) return answer.text;
  return [...statusLines(answer.status), '', ...checkLines(answer.status), '', JSON.stringify(answer.status)].join(
    '\n',
  );
}

const journal = async (folder: string): Promise<string> =>
  JSON.stringify(await inspectJournal(new NodeDisk(folder)), undefined, 1);

async function events(folder: string): Promise<string> {
  const newest: string[] = [];
  for await (const { stream, time, payload } of readJournal(new NodeDisk(folder))) {
    if (stream !== 'events') continue;
    newest.push(`${new Date(time).toISOString()} ${new TextDecoder().decode(payload)}`);
    if (newest.length > EVENTS) newest.shift();
  }
  return newest.length === 0 ? 'none' : newest.join('\n');
}

async function lines(log: AsyncIterable<string>): Promise<string> {
  const found: string[] = [];
  for await (const line of log) found.push(readable(line));
  return found.length === 0 ? 'empty' : found.join('\n');
}
