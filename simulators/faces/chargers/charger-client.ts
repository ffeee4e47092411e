import { createRPCError, RPCClient } from 'ocpp-rpc';
import type { SimulatedCharger } from './simulated-charger.ts';

export interface ConnectOptions {
  /** ws://host:port, without the identity. */
  readonly endpoint: string;
  readonly password?: string;
}

/** Connects a simulated charger over a real WebSocket; it reconnects by itself when the gateway was away. */
export async function connectCharger(
  charger: SimulatedCharger,
  { endpoint, password }: ConnectOptions,
): Promise<RPCClient> {
  const client = new RPCClient({
    identity: charger.options.id,
    endpoint,
    protocols: [charger.options.version],
    reconnect: true,
    strictMode: true,
    callTimeoutMs: 5000,
    backoff: { initialDelay: 100, maxDelay: 2000, factor: 2, randomisationFactor: 0.25 },
    ...(password === undefined ? {} : { password }),
  } as ConstructorParameters<typeof RPCClient>[0]);
  client.handle(async ({ method, params }) => {
    const answer = charger.answer({ action: method ?? '', payload: params });
    if (charger.fate === 'mute') return new Promise<never>(() => undefined);
    if (answer === undefined) throw createRPCError('NotImplemented');
    return answer as Record<string, unknown>;
  });
  await client.connect();
  return client;
}
