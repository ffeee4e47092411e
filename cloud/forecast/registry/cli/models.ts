import { readFileSync } from 'node:fs';
import { commandLine, writeHelp } from '../../../../shared/config/command-line.ts';
import { messageOf } from '../../../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../../../shared/outcome/outcome.ts';

const HELP = `usage: loadstone models import FILE... --token-file FILE --reason TEXT [options]

Imports models that were trained elsewhere into the cloud. FILE is an ONNX file; its manifest is the file beside it with .json instead of
.onnx (cloud/forecast/registry/import/IMPORT.md has an example in Python). Each model is checked, run in a process of its own, compared
with the active model on the last 28 days, and then released like every model: shadow, canary, active.

  --url URL           address of the cloud (http://localhost:8080)
  --token-file FILE   file with a token that has the right models:write; /dev/stdin reads it from standard input
  --reason TEXT       reason for the import, stored with the models
  --release NAME      releases the models together, a share of them first; default: each alone
  --json              prints one JSON object per file
  --help              this text

example:
  loadstone models import owd.onnx whf.onnx --token-file token --reason "trained on the whole winter" --release winter

exit codes: 0 all accepted, 1 a model was rejected or held, or the cloud did not answer, 2 usage
`;

interface Answer {
  readonly id?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, Infinity, {
    url: { type: 'string', default: 'http://localhost:8080' },
    'token-file': { type: 'string' },
    reason: { type: 'string' },
    release: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(HELP);
  const [action, ...files] = positionals;
  if (action !== 'import')
    return usage(action === undefined ? 'give import' : `unknown action "${action}": expected import`);
  if (files.length === 0) return usage('expected at least one ONNX file');
  const odd = files.find((file) => !file.endsWith('.onnx'));
  if (odd !== undefined) return usage(`${odd}: expected a name that ends in .onnx`);
  const { 'token-file': tokenFile, reason, release, url, json } = values;
  if (tokenFile === undefined)
    return usage('--token-file is missing; create a token on the page or with POST /v1/tokens');
  if (reason === undefined) return usage('--reason is missing; it is stored with the models');
  const token = read(tokenFile).toString('utf8').trim();
  // All files are read first, so that a local error is reported before the first upload.
  const bodies = files.map((file) => ({ file, body: bodyOf(file, reason, release) }));
  let refused = 0;
  for (const { file, body } of bodies) {
    const { status, answer } = await sent(`${url.replace(/\/$/, '')}/v1/models`, token, body);
    const isTaken = status < 300 && answer.state !== 'held' && answer.state !== 'rejected';
    if (!isTaken) refused++;
    process.stdout.write(
      json ? `${JSON.stringify({ file, status, ...answer })}\n` : `${file}: ${outcomeText(status, answer)}\n`,
    );
  }
  return refused === 0 ? 0 : 1;
}

function outcomeText(status: number, { id, state, reason, code, title, detail, errors }: Answer): string {
  if (status < 300) return `${id} is ${state}${status === 200 ? ' (already imported)' : ''}: ${reason}`;
  const where = errors?.map(({ pointer }) => ` (${pointer})`).join('') ?? '';
  return `refused, ${code ?? `HTTP ${status}`} ${title ?? ''}: ${detail ?? 'no reason given'}${where}`;
}

function bodyOf(file: string, reason: string, release: string | undefined): string {
  const beside = file.replace(/\.onnx$/, '.json');
  const text = read(beside).toString('utf8');
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${beside}: ${messageOf(error)}`);
  }
  return JSON.stringify({
    onnx: read(file).toString('base64'),
    manifest,
    reason,
    ...(release === undefined ? {} : { release }),
  });
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', messageOf(error));
  }
}

async function sent(url: string, token: string, body: string): Promise<{ status: number; answer: Answer }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, answer: isJson ? (JSON.parse(text) as Answer) : { detail: text.slice(0, 200) } };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { status: 503, answer: { title: `${url} does not answer`, detail: cause } };
  }
}

function usage(text: string): number {
  process.stderr.write(`loadstone: models: ${text}\n  loadstone models --help shows the options.\n`);
  return 2;
}
