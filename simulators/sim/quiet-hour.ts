import { MeteredLink } from '../../edge/uplink/metered-link.ts';
import type { Traffic } from '../../edge/uplink/traffic.ts';
import type { Link } from '../../shared/ports/link.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { RegionSim } from './region-sim.ts';
import { Trace } from './trace.ts';

/** By then the plans of the start are done. */
const SETTLED_S = 600;
/** A plan is sent at least this often, moved or not. */
const HALF_HOUR_S = 1800;
/** The configuration of a production gateway. No value leaves so wide a dead band, so each is reported once a minute. */
const REPORTS = { deadbandPct: 50, minIntervalS: 1, maxIntervalS: 60, healthMs: 5000 };
const HORIZON_S = [...Array<number>(12).fill(300), ...Array<number>(92).fill(900), ...Array<number>(24).fill(3600)];
/** TLS 1.3 adds a header, a content type and a tag to each record. */
const TLS_RECORD_BYTES = 22;
/** PINGREQ and PINGRESP, once a minute. */
const PINGS_BYTES = 60 * 2 * (2 + TLS_RECORD_BYTES);

export interface QuietHour {
  /** Both directions, including TLS. */
  readonly bytes: number;
  readonly kinds: Traffic;
}

/** The gateway of `owd` with its 23 devices and meters and the cloud on virtual time, while no value moves: half an hour, doubled. */
export async function quietHour(): Promise<QuietHour> {
  let messages = 0;
  let link: MeteredLink | undefined;
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(),
    stepS: 1,
    estimateEveryS: 60,
    dispatchEveryS: 300,
    planStepsS: HORIZON_S,
    train: [],
    history: true,
    reports: REPORTS,
    world: { specs: plantSpecs(['owd']), region: buildRegion(['owd']) },
    meter: (inner: Link) => (link = new MeteredLink(inner)),
    watch: {
      cycled: () => undefined,
      commanded: () => undefined,
      uplink: () => messages++,
      failed: (process, error) => {
        throw new Error(`${process} failed`, { cause: error });
      },
    },
  });
  await sim.start();
  await sim.run(SETTLED_S);
  link!.take();
  messages = 0;
  await sim.run(HALF_HOUR_S);
  const counted = link!.take();
  const line = messages * TLS_RECORD_BYTES + PINGS_BYTES / 2;
  await sim.stop();
  const kinds = Object.fromEntries(Object.entries({ ...counted, line }).map(([kind, bytes]) => [kind, 2 * bytes]));
  return { bytes: Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0), kinds };
}
