import { parentPort, workerData } from 'node:worker_threads';
import type { Columns } from './columns.ts';
import { SqliteCore, type CoreOptions, type CoreQuery } from './sqlite-core.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

/** Requests of the store to its worker. Each is answered, in order, by one `StoreAnswer` with the same id. */
export type StoreRequest =
  | { readonly id: number; readonly kind: 'write'; readonly columns: Columns }
  | { readonly id: number; readonly kind: 'read'; readonly query: CoreQuery }
  | { readonly id: number; readonly kind: 'intervals'; readonly query: CoreQuery & { readonly resolutionS: number } }
  | {
      readonly id: number;
      readonly kind: 'means';
      readonly query: CoreQuery & { readonly resolutionS: number; readonly leastCoverage: number };
    }
  | { readonly id: number; readonly kind: 'latest'; readonly query: CoreQuery }
  | { readonly id: number; readonly kind: 'maintain'; readonly now: number }
  | { readonly id: number; readonly kind: 'close' };

export type StoreAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };

const port = parentPort;
if (port === null) throw new Error('sqlite.worker.ts runs as a worker thread only');
const core = new SqliteCore(workerData as CoreOptions);

function answer(request: StoreRequest): unknown {
  switch (request.kind) {
    case 'write':
      return core.write(request.columns);
    case 'read':
      return core.read(request.query);
    case 'intervals':
      return core.intervals(request.query);
    case 'means':
      return core.means(request.query);
    case 'latest':
      return core.latest(request.query);
    case 'maintain':
      return core.maintain(request.now);
    case 'close':
      return core.close();
  }
}

port.on('message', (request: StoreRequest) => {
  let reply: StoreAnswer;
  try {
    reply = { id: request.id, ok: true, value: answer(request) };
  } catch (error) {
    reply = { id: request.id, ok: false, message: messageOf(error) };
  }
  const means = reply.ok && request.kind === 'means' ? (reply.value as Float64Array<ArrayBuffer>[]) : [];
  port.postMessage(
    reply,
    means.map(({ buffer }) => buffer),
  );
  if (request.kind === 'close') port.close();
});
