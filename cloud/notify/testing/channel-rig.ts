import { after } from 'node:test';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import { smallRegion } from '../../api/testing/api-fixture.ts';
import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { mailChannel } from '../mail-channel.ts';
import type { MailConfig } from '../mail-config.ts';
import { ChannelDesk } from '../channel-desk.ts';
import type { Message } from '../message-store.ts';
import { SqliteMessageStore } from '../sqlite-message-store.ts';
import { mailConfig } from './mail-config.ts';

/** Noon and 5:20 a.m. in Amsterdam. */
export const NOON = Date.UTC(2021, 8, 25, 10);
export const NIGHT = Date.UTC(2021, 8, 25, 3, 20);
export const MINUTE = 60_000;
const open = storeFiles((path) => new SqliteMessageStore(path));

/** A mail channel with alarms, and what it sent and reported. */
export async function rig(startMs: number, given: Partial<MailConfig> = {}, region: Region = smallRegion()) {
  const alarmed = new AlarmRig({ region, startMs });
  await alarmed.started;
  const { clock, alarms } = alarmed;
  const file = await open();
  const sent: Message[] = [];
  let refusal: string | undefined;
  let refused: string | undefined;
  let rejects: string | undefined;
  const reported: string[] = [];
  const make = (store: SqliteMessageStore): ChannelDesk =>
    new ChannelDesk({
      channel: mailChannel(mailConfig(25, given), async (mail) => {
        if (refusal !== undefined && mail.to.includes(refused ?? mail.to[0]!)) throw new Error(refusal);
        sent.push(mail);
        const [rejected = [], accepted = []] = [true, false].map((is) =>
          mail.to.filter((to) => (to === rejects) === is),
        );
        return { accepted, rejected, response: '250 taken' };
      }),
      region,
      clock,
      store,
      alarms: () => alarms.list(['unacknowledged']),
      isFlood: () => alarms.view().rate.floodSince !== null,
      rules: alarms.rules(),
      origin: '',
      report: (event) => void reported.push(event.code),
    });
  let desk = make(file.store);
  await desk.start();
  after(async () => {
    await desk.stop();
    await alarmed.close();
  });
  return {
    alarmed,
    alarms,
    clock,
    sent,
    reported,
    region,
    desk: () => desk,
    store: file.store,
    subjects: () => sent.map(({ subject }) => subject),
    reject: (to: string | undefined) => (rejects = to),
    refuse: (text: string | undefined, to?: string) => ([refusal, refused] = [text, to]),
    restart: async () => {
      await desk.stop();
      desk = make(await file.again());
      await desk.start();
    },
  };
}

export const dark = (n: number) =>
  ({ code: 'LS-FEEDER-001', device: `feeder-${n}`, severity: 'high', text: `feeder ${n} is dark` }) as const;
/** Priority 2. */
export const stands = (n: number) =>
  ({ code: 'LS-CONTROL-005', device: `pv-${n}`, text: `pv-${n} stands on its default` }) as const;
