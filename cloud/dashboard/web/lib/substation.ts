import type { FeederView, SubstationView } from '../../../../shared/contracts/view.ts';
import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { concerns } from './alarms.ts';
import { loadingLevel, powerLevel, voltageLevel, worst, type Level } from './assess.ts';
import { t, translate } from '../words/t.ts';

/** EN 50160 applies to a substation without voltage limits of its own. */
const VOLTAGE_LIMITS = { vMinPu: 0.9, vMaxPu: 1.1 };

export const limitsOf = ({ voltageLimits }: SubstationView): { vMinPu: number; vMaxPu: number } =>
  voltageLimits ?? VOLTAGE_LIMITS;

export const voltageLevelOf = (substation: SubstationView): Level => {
  const limits = limitsOf(substation);
  return worst(
    voltageLevel(substation.voltageMinPu.value, limits),
    voltageLevel(substation.voltageMaxPu.value, limits),
  );
};

/** Returns the worst level at a substation: of its alarms, and of its values against their limits. */
export function levelOf(substation: SubstationView, standing: readonly AlarmView[]): Level {
  const own = standing.filter((alarm) => alarm.active && concerns(alarm, substation)).map(({ priority }) => priority);
  const measured = [
    loadingLevel(substation.loadingPct.value),
    powerLevel(substation.activePowerKw.value, substation.limits),
    voltageLevelOf(substation),
  ];
  return worst(...own, ...measured);
}

/** The same for one feeder, from its own alarms and values; those of its substation or other feeders do not count. */
export function levelOfFeeder(id: string, view: FeederView | undefined, standing: readonly AlarmView[]): Level {
  const own = standing
    .filter(({ active, target }) => active && target === `feeder:${id}`)
    .map(({ priority }) => priority);
  if (view === undefined) return worst(...own);
  const { head, branches, buses } = view;
  return worst(
    ...own,
    loadingLevel(head.loadingPct.value),
    head.limits === undefined ? null : powerLevel(head.activePowerKw.value, head.limits),
    ...branches.map(({ loadingPct }) => loadingLevel(loadingPct.value)),
    ...buses.map(({ voltagePu, ...limits }) => voltageLevel(voltagePu.value, limits)),
  );
}

export const planLabel = (status: SubstationView['planStatus']): string => {
  switch (status) {
    case 'optimal':
      return translate('optimal');
    case 'holds-at-median':
      return t('median only');
    case 'least-violation':
      return t('passes limits');
    case 'envelopes-only':
      return t('envelopes only');
    case 'none':
      return t('no plan');
    case 'unknown':
      return t('unknown');
  }
};
