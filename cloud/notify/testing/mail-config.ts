import type { MailConfig } from '../mail-config.ts';

/** Mail of a desk whose chief is told after 15 min, through a server on this machine that asks nobody who they are. */
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
