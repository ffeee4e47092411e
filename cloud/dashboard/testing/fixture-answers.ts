import type { DocumentReport } from '../../../shared/contracts/report.ts';
import type { DeviceRowView } from '../../../shared/contracts/desk.ts';
import type { FeederView } from '../../../shared/contracts/view.ts';
import type { TrendView } from '../../../shared/contracts/trend.ts';
import type { ForecastAnswer, MeasuredSeries } from '../../../shared/contracts/planner.ts';
import type { PlanBody, PlanView } from '../../../shared/contracts/plan.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import { planWords } from './fixture-plan-words.ts';
import { HOUR_MS, QUARTER_MS, wobble } from './fixture-grid.ts';
import { devicePowerKw, devicesOf, LIMITS, netKw, round, setpointKw, siteOf, SITES } from './fixture-sites.ts';

const iso = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');
const Z: Readonly<Record<string, number>> = { P5: -1.64, P10: -1.28, P50: 0, P90: 1.28, P95: 1.64 };

function powerOf(target: string, time: number): number | null {
  const [kind = '', id = ''] = target.split(':');
  if (kind === 'substation') {
    const site = SITES.find((each) => each.id === id);
    return site === undefined ? null : netKw(site, time);
  }
  if (kind === 'feeder') {
    const site = siteOf(id);
    if (site === undefined) return null;
    return netKw(site, time) * (id.endsWith('-1') ? 0.6 : 0.4) + 80 * wobble(time, 5, HOUR_MS);
  }
  if (kind === 'device') {
    const [gateway = '', name = ''] = id.split('/');
    const substation = gateway.replace(/-01$/, '');
    const device = [...devicesOf(`${substation}-1`), ...devicesOf(`${substation}-2`)].find((each) => each.id === name);
    return device === undefined ? null : devicePowerKw(device, time);
  }
  return SITES.reduce((sum, site) => sum + netKw(site, time), 0);
}

export function measurements(
  target: string,
  span: { start: number; end: number; now: number; load: MeasuredSeries['load'] },
): MeasuredSeries {
  const start = Math.floor(span.start / QUARTER_MS) * QUARTER_MS;
  const end = Math.min(span.end, span.now);
  const steps = Math.max(0, Math.floor((end - start) / QUARTER_MS));
  const gap = (step: number): boolean => step >= 21 && step < 26;
  return {
    target,
    load: span.load,
    start: iso(start),
    resolution: 'PT15M',
    unit: 'kW',
    signConvention: 'consumption-positive',
    values: Array.from({ length: steps }, (_, step) => (gap(step) ? null : powerOf(target, start + step * QUARTER_MS))),
    quality: Array.from({ length: steps }, (_, step) => (gap(step) ? 'bad' : 'good')),
    origin: Array.from({ length: steps }, () => 'measured'),
    receivedAt: Array.from({ length: steps }, (_, step) => (gap(step) ? null : iso(start + (step + 1) * QUARTER_MS))),
  };
}

/** Issued some hours ago, so that it has an error to show. */
export function forecast(target: string, now: number): ForecastAnswer | null {
  if (target === 'substation:nryn') return null;
  const start = Math.floor(now / QUARTER_MS) * QUARTER_MS - 2 * HOUR_MS;
  const values = Object.fromEntries(
    Object.entries(Z).map(([name, z]) => [
      `quantile_${name}`,
      Array.from({ length: 192 }, (_, step) => {
        const median =
          (powerOf(target, start + step * QUARTER_MS) ?? 0) + 260 * wobble(start + step * QUARTER_MS, 99, 2 * HOUR_MS);
        return Math.round(median + z * (220 + 7 * step));
      }),
    ]),
  );
  const fallen = target === 'substation:wls';
  return {
    id: `fc_${target.replace(':', '_')}_${start / QUARTER_MS}`,
    kind: 'issued',
    target,
    load: 'uncontrolled',
    issuedAt: iso(start + 2000),
    dataUpTo: iso(start - QUARTER_MS),
    start: iso(start),
    resolution: 'PT15M',
    unit: 'kW',
    signConvention: 'consumption-positive',
    values,
    mean: values['quantile_P50']!,
    reconciled: null,
    components: null,
    limits: LIMITS,
    probabilityAboveImport: null,
    probabilityAboveExport: null,
    peak: null,
    model: {
      id: `mdl_${target.split(':')[1]}_17`,
      sha256: '9f2c41d0aa17',
      members: { ridge: 0.5, pinball: 0.3, boosting: 0.2 },
      weights: null,
    },
    extension: null,
    weather: { source: 'recorded', issuedAt: iso(start), hindcast: true },
    weatherKind: 'actual',
    inputCompleteness: fallen ? 0.62 : 0.98,
    fallback: fallen
      ? { level: 'sameHourMean', reason: 'LS-FORECAST-004', since: iso(start - 50 * 24 * HOUR_MS) }
      : null,
    calibration: { window: 'P28D', coverage80: 0.79, n: 2688 },
    warnings: fallen ? ['The meter of the transformer is dead: the series is an estimate.'] : [],
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Narrows with each step. */
const envelopeOf = (device: string, times: readonly number[]): { minKw: number; maxKw: number }[] =>
  times.map((_, step) => ({
    minKw: device.startsWith('ev') || device.startsWith('flex') ? 0 : -640 + 4 * step,
    maxKw: device.startsWith('pv') ? 0 : 480 - 3 * step,
  }));

/** The first two devices of a feeder share a meter; each other one has its own. */
function pointsOf(devices: readonly string[]): { id: string; devices: string[] }[] {
  const shared = devices.slice(0, 2);
  return [
    { id: 'cp-shared', devices: shared },
    ...devices.slice(2).map((device) => ({ id: `cp-${device}`, devices: [device] })),
  ];
}

export function plan(feeder: string, now: number): PlanView | null {
  const site = siteOf(feeder);
  if (site === undefined || site.id === 'nryn') return null;
  const said = planWords(feeder);
  const start = Math.floor(now / QUARTER_MS) * QUARTER_MS;
  const stepsS = [...Array.from({ length: 12 }, () => 300), ...Array.from({ length: 92 }, () => 900)];
  const times = stepsS.map((_, step) => start + stepsS.slice(0, step).reduce((sum, each) => sum + each, 0) * 1000);
  const devices = devicesOf(feeder).map((device): PlanBody['devices'][number] => {
    const values = times.map((time) => setpointKw(device, time));
    const first = { fromStep: 0, toStep: 27, element: device.type === 'pv-inverter' ? `${feeder}-b18` : 'transformer' };
    return {
      device: device.id,
      ...(device.type === 'pv-inverter'
        ? { activePowerLimitKw: values.map((kw) => Math.abs(kw)) }
        : { activePowerKw: values }),
      ...(device.type === 'battery' ? { socPct: times.map((_, step) => 50 + 20 * Math.sin(step / 14)) } : {}),
      reasons: [
        {
          ...first,
          constraint: device.type === 'pv-inverter' ? 'voltage maximum' : 'exported power',
          shadowPrice: 0.184,
          shadowPriceUnit: 'EUR/kWh',
          text: device.type === 'battery' ? said.charges : said.held,
          price: {
            bus: `${feeder}-b18`,
            step: 4,
            totalEurPerMwh: -90,
            energyEurPerMwh: 24,
            lossesEurPerMwh: -3.47,
            congestionEurPerMwh: -15.29,
            voltageEurPerMwh: -95.24,
          },
          counterfactual: said.without,
        },
        {
          fromStep: 28,
          toStep: 60,
          element: 'transformer',
          constraint: 'imported power with load high',
          shadowPrice: 0.071,
          shadowPriceUnit: 'EUR/kWh',
          text: said.discharges,
        },
      ],
    };
  });
  const head = times.map((time) => (powerOf(`feeder:${feeder}`, time) ?? 0) - 300);
  const reports: [DocumentReport['stage'], number, string?][] = [
    ['received', 1100],
    ['accepted', 1400],
    [
      'clamped',
      2100,
      formatMessage('LS-CONTROL-002', '{device} to {power} kW by {bound}', {
        device: 'pv-1',
        power: '-1050.0',
        bound: 'guard',
      }),
    ],
    ['applied', 2300],
    ['verified', 9000],
  ];
  const id = `pl_${site.id}_${Math.floor(start / QUARTER_MS) % 1000}`;
  return {
    plan: {
      id,
      substation: site.id,
      trigger: 'schedule',
      status: site.id === 'lls' ? 'least-violation' : site.id === 'hfdp' ? 'holds-at-median' : 'optimal',
      horizon: { start, stepsS },
      devices: devices.map((device) => ({ ...device, envelope: envelopeOf(device.device, times) })),
      connectionPoints: pointsOf(devices.map(({ device }) => device)).map(({ id, devices }) => {
        const each = devices.map((device) => envelopeOf(device, times));
        const together = times.map((_, step) => ({
          minKw: Math.max(-700, sumOf(each.map((one) => one[step]!.minKw))),
          maxKw: Math.min(420, sumOf(each.map((one) => one[step]!.maxKw))),
        }));
        return {
          id,
          devices,
          envelope: together,
          meter: together.map(({ minKw, maxKw }) => ({ minKw: minKw + 80, maxKw: maxKw + 140 })),
        };
      }),
      envelope: times.map((_, step) => ({ minKw: -2600 + 6 * step, maxKw: 1500 - 4 * step })),
      expected: [{ element: feeder, activePowerKw: head }],
      watched: [],
      assumptions: {
        topologyVersion: 4,
        devices: devices.map(({ device }) => device),
        heads: [{ element: feeder, lowKw: head.map((kw) => kw - 420), highKw: head.map((kw) => kw + 420) }],
        substitutions: site.id === 'wls' ? [said.standsIn] : [],
        envelopeRule: said.rule,
      },
      binding: [
        {
          step: 4,
          element: `${feeder}-b18`,
          constraint: 'voltage maximum',
          limit: 1.05,
          value: 1.05,
          unit: 'pu',
          shadowPrice: 0.184,
        },
        {
          step: 9,
          element: 'transformer',
          constraint: 'exported power',
          limit: -6000,
          value: -6000,
          unit: 'kW',
          shadowPrice: 0.112,
        },
        {
          step: 38,
          element: 'transformer',
          constraint: 'imported power',
          limit: 7000,
          value: 7000,
          unit: 'kW',
          shadowPrice: 0.071,
        },
      ],
      ...(site.id === 'lls' ? { conflict: said.conflict } : {}),
      ...(site.id === 'hfdp' ? { room: said.room } : {}),
      cost:
        site.id === 'lls'
          ? {
              totalEur: 84.31,
              doNothingEur: 51.07,
              lossesEur: 51.07,
              interventionEur: 33.24,
              violationEur: 1200,
              doNothingViolationEur: 8361.83,
            }
          : { totalEur: 84.31, doNothingEur: 412.9, lossesEur: 51.07, interventionEur: 33.24, violationEur: 0 },
      verified: { maxVoltageViolationPu: 0, maxLoadingPct: 96.4, worstElement: `${feeder}-l5` },
      sentences: said.sentences,
      solveMs: 212,
      forecastId: `fc_substation_${site.id}_1`,
    },
    document: { epoch: 3, sequence: 118, issuedAt: start + 900, validUntil: start + 24 * HOUR_MS },
    stages: reports.map(([stage, after, detail]) => ({
      version: 1,
      type: 'plan',
      id,
      epoch: 3,
      sequence: 118,
      stage,
      time: start + after,
      ...(detail === undefined ? {} : { code: 'LS-CONTROL-002', detail }),
    })),
  };
}

/** Table rows for the devices of a feeder. */
export const deviceRows = ({ id: feeder, substation, devices }: FeederView, gateway: string): DeviceRowView[] =>
  devices.map(({ id, name, type, activePowerKw, setpointKw, link }) => ({
    id: `${gateway}/${id}`,
    gateway,
    device: id,
    name,
    type,
    substation,
    feeder,
    authority: 'direct',
    activePowerKw,
    setpointKw,
    wishedKw: setpointKw,
    source: 'cloud-plan',
    limitedBy: null,
    envelope: null,
    lastSeen: activePowerKw.time,
    link: link === 'unknown' ? 'never' : link,
    gatewayLink: 'up',
    mode: 'automatic',
    stopped: false,
    tagged: false,
    override: null,
    takes: [],
  }));

/** A wave for each series, measured up to now. */
export function trends(query: URLSearchParams, now: number): TrendView {
  const [from, to] = ['start', 'end'].map((name) => Date.parse(query.get(name) ?? '')) as [number, number];
  const stepS = Math.max(1, Math.ceil((to - from) / 1000 / Number(query.get('points') ?? 400)));
  const times = Array.from({ length: Math.ceil((to - from) / (1000 * stepS)) }, (_, at) => from + at * 1000 * stepS);
  const items = (query.get('series') ?? '').split(',').map((series, at) => {
    const mean = times.map((time) => (time > now ? null : round(1500 + 400 * wobble(time, at + 3, 600_000), 1)));
    const by = (kw: number) => mean.map((value) => (value === null ? null : value + kw));
    const measured = { series, mean, min: by(-30), max: by(30) };
    if (!series.endsWith('/activePowerKw')) return measured;
    const ahead = (kw: number) =>
      times.map((time) => (time < now - 900_000 ? null : round(1520 + kw + 250 * wobble(time, at + 5, 3_600_000), 1)));
    const forecast = { low: ahead(-150), mid: ahead(20), high: ahead(210) };
    return { ...measured, limits: { low: -2400, high: 2600 }, planned: ahead(0), forecast };
  });
  return { start: from, stepS, items };
}
