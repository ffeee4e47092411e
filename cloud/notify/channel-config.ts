import { Type, type Static } from 'typebox';
import type { RefuseConfig } from '../../shared/config/read-config.ts';

/** The same as `Language` of the texts. */
export const SpokenLanguage = Type.Union([Type.Literal('en'), Type.Literal('nl'), Type.Literal('de')], {
  default: 'en',
  description: 'language of the recipients: English, Dutch or German',
});
const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/** Keys common to all channels: which alarms they send, and when. */
export const channelKeys = {
  priority: Type.Union([Type.Literal(1), Type.Literal(2)], {
    default: 2,
    description: 'lowest priority that is sent: 1, or 2 for 1 and 2',
  }),
  escalateAfterMin: Type.Number({
    minimum: 1,
    maximum: 1440,
    default: 15,
    description: 'minutes without acknowledgement after which escalateTo is notified',
  }),
  language: SpokenLanguage,
  quietHours: Type.Optional(
    Type.Object(
      { from: TimeOfDay, to: TimeOfDay },
      {
        additionalProperties: false,
        description: 'hh:mm in the time zone of the region, such as 22:00 and 06:00; priority 1 is sent anyway',
      },
    ),
  ),
};

type QuietHours = Static<typeof channelKeys.quietHours>;

/** `path`: JSON pointer to the channel. */
export function checkQuietHours(quiet: QuietHours | undefined, path: string, refuse: RefuseConfig): void {
  if (quiet === undefined || quiet.from !== quiet.to) return;
  const text = `from ${quiet.from} to ${quiet.to} is empty: leave quietHours out or change one of the times`;
  refuse(`${path}/quietHours`, 'LS-CONFIG-002', text);
}
