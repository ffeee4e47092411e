import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const STREAM = /^text\/event-stream/;

/** Returns this server's own metrics. `isNode`: it has a process of its own, whose start and memory are shown too. */
export function ownMetrics(app: FastifyInstance, isNode: boolean): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const answers = new Histogram({
    name: 'loadstone_http_answer_seconds',
    help: 'time to answer requests, event streams excepted',
    labelNames: ['status'],
    buckets: SECONDS,
    registers,
  });
  app.addHook('onResponse', async (_request, reply) => {
    if (STREAM.test(String(reply.getHeader('content-type') ?? ''))) return;
    answers.observe({ status: `${Math.floor(reply.statusCode / 100)}xx` }, reply.elapsedTime / 1000);
  });
  if (isNode) processMetrics(registry);
  return () => registry.metrics();
}

/** Start, CPU time and memory of this process, under the names that Prometheus's clients use. */
export function processMetrics(registry: Registry): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) });
  };
  const { timeOrigin } = performance;
  gauge('process_start_time_seconds', 'start of this process, seconds since the epoch', () => timeOrigin / 1000);
  gauge('process_resident_memory_bytes', 'memory of this process', () => process.memoryUsage.rss());
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of this process',
    registers: [registry],
    collect: () => {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
}
