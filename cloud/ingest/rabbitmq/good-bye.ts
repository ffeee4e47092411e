const TIMEOUT_MS = 5000;

/**
 * Waits for the broker's good-bye. One that is gone, or frozen, never says it: after `timeoutMs` the socket is cut. Once it is closed, a cut
 * changes nothing.
 */
export async function goodBye(said: Promise<unknown>, cut: () => void, timeoutMs = TIMEOUT_MS): Promise<void> {
  const late = Promise.withResolvers<void>();
  AbortSignal.timeout(timeoutMs).addEventListener('abort', () => {
    cut();
    late.resolve();
  });
  // What is closed already says so.
  await Promise.race([said.catch(() => undefined), late.promise]);
}
