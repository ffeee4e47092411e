import type { MailConfig } from '../mail-config.ts';

/** Mail for a desk, with escalation to its chief after 15 min, through a local server without authentication. */
export const mailConfig = (port: number, given: Partial<MailConfig> = {}): MailConfig => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  caFile: '',
  user: '',
  passwordFile: '',
  from: 'loadstone@grid.test',
  to: ['desk@grid.test'],
  priority: 2,
  escalateTo: ['chief@grid.test'],
  escalateAfterMin: 15,
  language: 'en',
  languages: {},
  ...given,
});
