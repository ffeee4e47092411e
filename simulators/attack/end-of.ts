/** Resolves with a description when the other side ends a connection. */
export const endOf = (connection: { once(event: 'close', listener: () => void): unknown }): Promise<string> =>
  new Promise((resolve) => void connection.once('close', () => resolve('the connection is closed')));
