import type { FeederView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, voltageLevel } from '../lib/assess.ts';
import { shortName } from '../lib/diagram-geometry.ts';
import { percent, pu } from '../lib/format.ts';
import { flowSeries, voltageSeries } from '../lib/series-names.ts';
import { Value } from '../parts/value.tsx';
import { substationOf } from '../state/store.ts';
import { t, translate } from '../words/t.ts';

/** The content of the diagram as tables. */
export function BusTable({ view }: { view: FeederView }) {
  const gateway = substationOf(view.id)?.gateway;
  return (
    <div class="pair">
      <div class="scroll" tabIndex={0} role="group" aria-label={t('Buses')}>
        <table class="data">
          <caption>{t('Buses')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('Bus')}</th>
              <th scope="col" class="num">
                {t('Voltage, pu')}
              </th>
              <th scope="col" class="num">
                {t('Limits, pu')}
              </th>
              <th scope="col">{t('Origin')}</th>
            </tr>
          </thead>
          <tbody>
            {view.buses.map((bus) => (
              <tr key={bus.id}>
                <th scope="row">{shortName(bus.id, view.id)}</th>
                <td class="num">
                  <Value
                    value={bus.voltagePu}
                    format={pu}
                    level={voltageLevel(bus.voltagePu.value, bus)}
                    series={voltageSeries(gateway, view.devices, bus.id)}
                  />
                </td>
                <td class="num muted">{t('{least} to {most}', { least: pu(bus.vMinPu), most: pu(bus.vMaxPu) })}</td>
                <td>{translate(bus.voltagePu.origin)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="scroll" tabIndex={0} role="group" aria-label={t('Branches')}>
        <table class="data">
          <caption>{t('Branches')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('Branch')}</th>
              <th scope="col">{t('From, to')}</th>
              <th scope="col" class="num">
                {t('Flow, kW')}
              </th>
              <th scope="col" class="num">
                {t('Loading, %')}
              </th>
              <th scope="col">{t('Switch')}</th>
            </tr>
          </thead>
          <tbody>
            {view.branches.map((branch) => (
              <tr key={branch.id}>
                <th scope="row">{shortName(branch.id, view.id)}</th>
                <td>{`${shortName(branch.from, view.id)}, ${shortName(branch.to, view.id)}`}</td>
                <td class="num">
                  <Value value={branch.activePowerKw} series={flowSeries(view, branch)} />
                </td>
                <td class="num">
                  <Value
                    value={branch.loadingPct}

                    format={percent}
                    level={loadingLevel(branch.loadingPct.value)}
                  />
                </td>
                <td>{branch.closed ? t('closed') : t('open')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
