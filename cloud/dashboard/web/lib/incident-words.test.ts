import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { incidentChart } from '../views/incident-chart.ts';
import { incidentPage } from '../views/incident-page.ts';
import { newestIncidents } from './incident-list.ts';
import { incidentOfAlarm, jumpText, limitText, reliefText, stateText } from './incident-words.ts';

const T0 = Date.UTC(2021, 8, 25, 21, 50);
const MINUTE = 60_000;
const ZONE = 'Europe/Amsterdam';

const incident: IncidentView = {
  id: 7,
  kind: 'spike',
  substation: 'hfdp',
  gateway: 'hfdp-01',
  feeder: 'hfdp-2',
  startedAt: T0,
  endedAt: null,
  unheardSince: null,
  jump: { beforeKw: 1100, peakKw: 2200, peakAt: T0, limitKw: 3000, endedAt: null },
  limit: { element: 'transformer', unit: 'kW', bound: 7200, worst: 7757, passedAt: T0, backAt: null },
  reliefs: [{ device: 'battery-1', kw: 360, energyKwh: 5, costEur: null, since: T0, until: null }],
  entries: [
    { at: T0, code: 'spike.began', by: null, parameters: { feeder: 'hfdp-2', beforeKw: 1100, kw: 2200 } },
    { at: T0 + 20 * MINUTE, code: 'limit.back', by: null, parameters: { element: 'transformer', bound: 7200 } },
  ],
};

test('an incident at a silent gateway is described as of its last report', () => {
  const now = T0 + 30 * MINUTE;
  assert.equal(stateText(incident, { now, zone: ZONE }), 'ongoing, for 30 min so far');
  assert.match(limitText(incident), /at worst, still past it\.$/);
  assert.match(reliefText(incident), /^The guard relieves it/);
  const silent = { ...incident, unheardSince: T0 + 5 * MINUTE };
  assert.equal(stateText(silent, { now, zone: ZONE }), 'not heard since Sat 23:55, ongoing then');
  assert.match(limitText(silent), /past it when last heard\.$/);
  assert.match(reliefText(silent), /^The guard relieved it/);
});

test('an unseen end is named as such, and a duration across a silence is an upper bound', () => {
  const unseen = { ...incident, endedAt: T0 + 5 * MINUTE, unheardSince: T0 + 5 * MINUTE };
  assert.equal(stateText(unseen, { now: T0 + 6 * MINUTE, zone: ZONE }), 'last heard of at 23:55, its end was not seen');
  assert.match(limitText(unseen), /its return was not seen\.$/);
  const limit = { ...incident.limit!, backAt: T0 + 20 * MINUTE };
  assert.match(limitText({ ...incident, limit }), /back inside after 20 min\.$/);
  const silence = { at: T0 + 5 * MINUTE, code: 'gateway.silent', by: null, parameters: {} };
  const over = { ...incident, limit, entries: [...incident.entries, silence] };
  assert.match(limitText(over), /back inside after at most 20 min\.$/);
});

test('a jump of another feeder names it', () => {
  assert.match(jumpText(incident)!, /^Load went from/);
  const other = { ...incident, jump: { ...incident.jump!, feeder: 'hfdp-1' } };
  assert.match(jumpText(other)!, /^Load of hfdp-1 went from/);
});

test('the saved page names the day of each time', () => {
  const dots = [0, 10, 20].map((minute) => ({ time: T0 + minute * MINUTE, value: 1000 }));
  const html = incidentPage(incident, {
    title: 'Spike',
    lines: [{ label: 'Transformer', dots }],
    zone: ZONE,
    now: T0 + 30 * MINUTE,
  });
  assert.match(html, /<td>Sat 25 Sep 23:50:00<\/td>/);
  assert.match(html, /<td>Sun 26 Sep 00:10:00<\/td>/);
  const axis = [...html.matchAll(/<text class="axis" x="[\d.]+" y="\d+"(?: text-anchor="middle")?>([^<]+)</g)];
  const times = axis.map(([, text]) => text).filter((text) => /[a-z]|:/.test(text!) && text !== 'begins');
  assert.equal(times[0], 'Sat 25 Sep');
  assert.deepEqual(
    times.filter((text) => /Sun/.test(text!)),
    ['Sun 26 Sep'],
  );
});

test('on a narrow page no mark or time of the chart lies beyond its edge', () => {
  const dots = [-5, 0, 3].map((minute) => ({ time: T0 + minute * MINUTE, value: 1000 + minute }));
  const lines = [{ label: 'Transformer', dots }];
  const svg = incidentChart(incident, lines, { zone: ZONE, width: 320 });
  const texts = [...svg.matchAll(/<text[^>]* x="([-\d.]+)"[^>]*?(?: text-anchor="(\w+)")?>([^<]+)</g)];
  assert.ok(texts.length > 6);
  for (const [, x, anchor = 'start', text] of texts) {
    const width = 6.8 * text!.length;
    const left = Number(x) - (anchor === 'start' ? 0 : anchor === 'end' ? width : width / 2);
    assert.ok(left + width <= 325, `${text!} ends at ${left + width} of 320`);
  }
});

test('open incidents stay in the list, however many ended since', () => {
  const ended = Array.from({ length: 80 }, (_, at) => ({
    ...incident,
    id: 10 + at,
    startedAt: T0 + at * MINUTE,
    endedAt: T0 + (at + 1) * MINUTE,
  }));
  const list = newestIncidents([...ended, incident], 50);
  assert.equal(list.length, 50);
  assert.ok(list.includes(incident));
  assert.deepEqual([list[0]!.id, list.at(-1)!.id], [89, 7]);
});

test('an alarm belongs to the incident that names it, by its entries or apart from them', () => {
  const entry = { at: T0, code: 'alarm.raised', by: null, parameters: { alarm: 3 } };
  const all = [
    { ...incident, id: 8, entries: [entry] },
    { ...incident, id: 9, alarms: [4, 5], entries: [] },
  ];
  assert.deepEqual(
    [3, 4, 6].map((alarm) => incidentOfAlarm(all, alarm)?.id),
    [8, 9, undefined],
  );
});
