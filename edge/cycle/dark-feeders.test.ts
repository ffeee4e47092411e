import assert from 'node:assert/strict';
import { test } from 'node:test';
import { device, element, image, START } from '../control/testing/images.ts';
import { batterySpec } from '../control/testing/specs.ts';
import type { Condition } from './alarms.ts';
import { DarkFeeders } from './dark-feeders.ts';

const specs = [batterySpec({ id: 'battery-1', feeder: 'feeder-1' })];
const site = { specs, elements: [{ id: 'feeder-1', ratedKva: 1000 }] } as unknown as Parameters<
  DarkFeeders['explain']
>[1]['site'];
const own: Condition = { key: 'device', code: 'LS-CONTROL-003', severity: 'medium', text: '', device: 'battery-1' };
const other: Condition = { ...own, key: 'other', device: 'battery-2' };

const looking = () => {
  const dark = new DarkFeeders();
  return (headKw: number | null, voltagePu: number, atS: number, measuredS = atS): string[] =>
    dark
      .explain([own, other], {
        image: image({
          time: START + 1000 * atS,
          elements: new Map([element('feeder-1', headKw)]),
          devices: new Map([device('battery-1', { voltagePu, lastSeen: START + 1000 * measuredS })]),
        }),
        site,
        liars: {},
      })
      .map(({ code, device: about }) => `${code} ${about}`);
};

test('a head without power and a device without voltage make a dark feeder, which explains only its device', () => {
  const look = looking();
  const both = ['LS-CONTROL-003 battery-1', 'LS-CONTROL-003 battery-2'];
  assert.deepEqual(look(400, 1, 0), both);
  assert.deepEqual(look(0, 1, 10, 8), both, 'measured before the head lost power');
  assert.deepEqual(look(0, 0, 20), ['LS-CONTROL-003 battery-2', 'LS-FEEDER-001 feeder-1']);
  assert.deepEqual(look(300, 1, 30), both, 'back');
});

test('a head without power is not a dark feeder while its device has voltage: its meter may be dead', () => {
  const look = looking();
  look(0, 1, 0);
  assert.ok(!look(0, 1, 10).includes('LS-FEEDER-001 feeder-1'));
});

test('a dark feeder ends when its device has voltage again, even if the head meter stays silent', () => {
  const look = looking();
  look(400, 1, 0);
  look(0, 1, 10);
  assert.ok(look(0, 0, 20).includes('LS-FEEDER-001 feeder-1'));
  assert.ok(look(null, 0, 30).includes('LS-FEEDER-001 feeder-1'), 'no news');
  assert.deepEqual(look(null, 1, 40), ['LS-CONTROL-003 battery-1', 'LS-CONTROL-003 battery-2']);
});

test('a dark feeder is reported although the clock is set back by an hour', () => {
  const look = looking();
  look(400, 1, 0);
  look(0, 1, 10, 8);
  look(0, 0, -3590, 8);
  assert.ok(look(0, 0, -3580).includes('LS-FEEDER-001 feeder-1'));
});

interface Seen {
  readonly headKw: number;
  readonly transformerKw: number | null;
  /** Devices that still answer; default: all. */
  readonly answering?: readonly string[];
  /** Whether these measure a voltage; default: they do. */
  readonly measure?: boolean;
  /** State of feeder-1's breaker; default: not read. */
  readonly closed?: number;
}

/** A feeder with three devices beside another that carries 1000 kW, second by second; returns the conditions. */
const watching = (devices: readonly string[] = ['battery-1', 'pv-1', 'pv-2'], liars = {}) => {
  const dark = new DarkFeeders();
  const behind = { specs: devices.map((id) => batterySpec({ id, feeder: 'feeder-1' })), elements: site.elements };
  let second = 0;
  return (seconds: number, { headKw, transformerKw, answering = devices, measure = true, closed }: Seen): string[] => {
    let conditions: string[] = [];
    for (let at = 0; at < seconds; at++) {
      const lastSeen = START + 1000 * ++second;
      const heads = [element('transformer', transformerKw), element('feeder-1', headKw), element('feeder-2', 1000)];
      conditions = dark
        .explain([own, other], {
          image: image({
            time: lastSeen,
            elements: new Map(
              heads.map(([id, seen]) => [
                id,
                { ...seen, lastSeen: lastSeen + 1, ...(id === 'feeder-1' ? { closed: closed ?? null } : {}) },
              ]),
            ),
            devices: new Map(
              devices.map((id) =>
                answering.includes(id)
                  ? device(id, { lastSeen: lastSeen + 1, voltagePu: measure ? 1 : null })
                  : device(id, { fresh: false, voltagePu: null, activePowerKw: null }),
              ),
            ),
          }),
          site: behind,
          liars,
        })
        .map(({ code, text }) => (code === 'LS-FEEDER-001' ? text : code));
    }
    return conditions;
  };
};
const quiet = ['LS-CONTROL-003', 'LS-CONTROL-003'];
const carrying: Seen = { headKw: 500, transformerKw: 1800 };
const gone: Seen = { headKw: 0, transformerKw: 1300, answering: [] };
const SILENT =
  'feeder-1 carries nothing, the load of the transformer fell by as much and no device behind it answers: the feeder seems dark';

test('a feeder is dark if its devices fall silent and the transformer loses what its head carried', () => {
  const look = watching();
  assert.deepEqual(look(60, carrying), quiet);
  assert.deepEqual(look(5, gone), quiet, 'its breaker may close by itself');
  assert.deepEqual(look(20, gone), ['LS-CONTROL-003', SILENT], 'and its own devices are explained');
  assert.deepEqual(
    look(600, { ...gone, transformerKw: 1700 }),
    ['LS-CONTROL-003', SILENT],
    'whatever the other feeders carry',
  );
  assert.deepEqual(look(1, carrying), quiet);
});

test('a dead head meter with silent devices is not a dark feeder while the transformer carries its load', () => {
  const look = watching();
  look(60, carrying);
  assert.deepEqual(look(120, { ...gone, transformerKw: 1800 }), quiet);
});

test('a feeder that carries nothing is not dark while one of its devices answers', () => {
  const look = watching();
  look(60, carrying);
  assert.deepEqual(look(120, { ...gone, answering: ['pv-2'] }), quiet);
});

test('without a usable transformer meter a feeder is dark if its devices are silent', () => {
  const text = 'feeder-1 carries nothing and no device behind it answers: the feeder seems dark';
  const without = { ...gone, transformerKw: null };
  const look = watching();
  look(60, carrying);
  assert.deepEqual(look(20, without), ['LS-CONTROL-003', text]);
  const lying = watching(undefined, { transformer: 'reversed' });
  lying(60, { ...carrying, transformerKw: -1800 });
  assert.deepEqual(lying(20, { ...gone, transformerKw: -1300 }), ['LS-CONTROL-003', text]);
});

test('a feeder without devices is judged dark by its head and the transformer, or fed from elsewhere', () => {
  const look = watching([]);
  look(60, carrying);
  assert.match(look(20, gone).join(), /feeder-1 carries nothing .*seems dark, or is fed from elsewhere$/);
  const dead = watching([]);
  dead(60, carrying);
  assert.deepEqual(dead(20, { ...gone, transformerKw: 1800 }), quiet);
  const small = watching([]);
  small(60, { headKw: 20, transformerKw: 1320 });
  assert.deepEqual(small(20, gone), quiet, 'too small for the meters');
});

test('a breaker reading decides at once, unless devices have voltage (fed from elsewhere)', () => {
  const look = watching();
  look(60, { ...carrying, closed: 1 });
  assert.match(
    look(1, { ...gone, closed: 0 }).join(),
    /the breaker of feeder-1 is open .* unless it is fed from elsewhere$/,
  );
  const tied = watching();
  tied(60, carrying);
  tied(1, { headKw: 0, transformerKw: 1300, closed: 0 });
  assert.deepEqual(tied(10, { headKw: 0, transformerKw: 1300, closed: 0 }), quiet);
});

test('an open breaker is ignored for a feeder without load since the start; closing it ends a dark feeder', () => {
  const spare = watching();
  assert.deepEqual(spare(600, { ...gone, closed: 0, answering: ['battery-1', 'pv-1', 'pv-2'], measure: false }), quiet);
  const look = watching();
  look(60, { ...carrying, closed: 1 });
  assert.match(look(1, { ...gone, closed: 0 }).join(), /the breaker of feeder-1 is open/);
  assert.deepEqual(look(1, { ...gone, closed: 1 }), quiet);
});

const dead: Seen = { headKw: 0, transformerKw: 1200 };

test('a dip of load for a second beside a dead head meter makes no dark feeder', () => {
  for (const atS of [0, 1, 9, 10, 11, 30]) {
    const look = watching([]);
    look(60, { ...dead, headKw: 150 });
    look(atS, dead);
    look(1, { ...dead, transformerKw: 1120 });
    for (let second = 0; second < 120; second++) assert.deepEqual(look(1, dead), quiet, `${atS} s, ${second} s`);
  }
});

test('the alarm ends if the lost load returns within a minute', () => {
  const look = watching([]);
  look(60, { ...dead, headKw: 150 });
  assert.match(look(12, { ...dead, transformerKw: 1100 }).join(), /seems dark/);
  assert.deepEqual(look(40, dead), quiet);
});

test('an idle head whose devices fall silent is not a dark feeder', () => {
  for (const headKw of [0.05, 0.5]) {
    const look = watching();
    look(60, { headKw, transformerKw: 1300 });
    assert.deepEqual(look(120, gone), quiet);
  }
});

test('a feeder that seems dark ends when one of its devices answers, even without a voltage reading', () => {
  const look = watching();
  look(60, carrying);
  assert.deepEqual(look(20, gone), ['LS-CONTROL-003', SILENT]);
  assert.deepEqual(look(1, { ...gone, answering: ['pv-1'], measure: false }), quiet);
});
