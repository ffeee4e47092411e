import fastify from 'fastify';

/** The smallest possible API: one Fastify route that serves fixed bytes. Receives the bytes, replies with its port. */
process.on('message', (body: string) => {
  const app = fastify({ logger: false });
  const bytes = Buffer.from(body);
  app.get('/forecast', (_request, reply) => reply.type('application/json').send(bytes));
  const listen = async (): Promise<void> => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    process.send?.((app.server.address() as { port: number }).port);
  };
  void listen();
});
process.on('disconnect', () => process.exit(0));
