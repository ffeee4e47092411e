import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { debianTool } from './debian.ts';
import { freePort } from './free-ports.ts';

/** The fields of an OTLP JSON span that tests read. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status?: { readonly code: number; readonly message: string };
}

interface Message {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[] }[];
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Message bodies as received. */
  readonly bodies: string[];
  /** Status of further answers. */
  status: number;
  stop(): Promise<void>;
}

/** A minimal OpenTelemetry collector endpoint. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const port = await freePort();
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const take = (text: string): void => {
    bodies.push(text);
    for (const { scopeSpans } of (JSON.parse(text) as Message).resourceSpans)
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
  };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const isExport = request.method === 'POST' && request.url === '/v1/traces';
      const isJson = request.headers['content-type'] === 'application/json';
      const status = !isExport ? 404 : !isJson ? 415 : receiver.status;
      if (status === 200) take(text);
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${port}`,
    spans,
    bodies,
    status: 200,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return receiver;
}

/** Spans by name of each trace that contains the span `whole`. */
export function tracesOf(spans: readonly ReceivedSpan[], whole: string): ReadonlyMap<string, ReceivedSpan>[] {
  return [...Map.groupBy(spans, ({ traceId }) => traceId).values()]
    .filter((own) => own.some(({ name }) => name === whole))
    .map((own) => new Map(own.map((span) => [span.name, span])));
}

/**
 * Fails at a field that is not OpenTelemetry's or has another type. OTLP JSON has hex ids where protobuf JSON has base64: both are text.
 */
const PARSE = `
import sys
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
spans = 0
for line in sys.stdin:
    message = json_format.Parse(line, ExportTraceServiceRequest())
    spans += sum(len(scope.spans) for resource in message.resource_spans for scope in resource.scope_spans)
print(spans)
`;

/** Number of spans that the classes of OpenTelemetry's own protocol files find in these messages. */
export function spansByProtocol(bodies: readonly string[]): number {
  const { path, env } = debianTool('opentelemetry-proto');
  const modules = join(path, '../../../../..');
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-W', 'ignore', '-c', PARSE], {
    env: { ...env, PYTHONPATH: modules },
    input: bodies.map((body) => `${body}\n`).join(''),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`not valid OpenTelemetry protocol: ${stderr}`);
  return Number(stdout);
}
