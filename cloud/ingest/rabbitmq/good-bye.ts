const TIMEOUT_MS = 5000;

/**
 * Waits for the broker to confirm a close. A broker that is gone or frozen never does: after `timeoutMs` the socket is destroyed, which has
 * no effect if it is already closed.
 */
export async function goodBye(said: Promise<unknown>, cut: () => void, timeoutMs = TIMEOUT_MS): Promise<void> {
  const late = Promise.withResolvers<void>();
  AbortSignal.timeout(timeoutMs).addEventListener('abort', () => {
    cut();
    late.resolve();
  });
  // Closing what is already closed rejects.
  await Promise.race([said.catch(() => undefined), late.promise]);
}
