import type { FeederView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, voltageLevel } from '../lib/assess.ts';
import { shortName } from '../lib/diagram-geometry.ts';
import { percent, pu } from '../lib/format.ts';
import { Value } from '../parts/value.tsx';

/** What the diagram shows, as tables. */
export function BusTable({ view }: { view: FeederView }) {
  return (
    <div class="pair">
      <div class="scroll" tabIndex={0} role="group" aria-label="Buses">
        <table class="data">
          <caption>Buses</caption>
          <thead>
            <tr>
              <th scope="col">Bus</th>
              <th scope="col" class="num">
                Voltage, pu
              </th>
              <th scope="col" class="num">
                Limits, pu
              </th>
              <th scope="col">Origin</th>
            </tr>
          </thead>
          <tbody>
            {view.buses.map((bus) => (
              <tr key={bus.id}>
                <th scope="row">{shortName(bus.id, view.id)}</th>
                <td class="num">
                  <Value value={bus.voltagePu} format={pu} level={voltageLevel(bus.voltagePu.value, bus)} />
                </td>
                <td class="num muted">{`${pu(bus.vMinPu)} to ${pu(bus.vMaxPu)}`}</td>
                <td>{bus.voltagePu.origin}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="scroll" tabIndex={0} role="group" aria-label="Branches">
        <table class="data">
          <caption>Branches</caption>
          <thead>
            <tr>
              <th scope="col">Branch</th>
              <th scope="col">From, to</th>
              <th scope="col" class="num">
                Flow, kW
              </th>
              <th scope="col" class="num">
                Loading, %
              </th>
              <th scope="col">Switch</th>
            </tr>
          </thead>
          <tbody>
            {view.branches.map((branch) => (
              <tr key={branch.id}>
                <th scope="row">{shortName(branch.id, view.id)}</th>
                <td>{`${shortName(branch.from, view.id)}, ${shortName(branch.to, view.id)}`}</td>
                <td class="num">
                  <Value value={branch.activePowerKw} />
                </td>
                <td class="num">
                  <Value
                    value={branch.loadingPct}

                    format={percent}
                    level={loadingLevel(branch.loadingPct.value)}
                  />
                </td>
                <td>{branch.closed ? 'closed' : 'open'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
