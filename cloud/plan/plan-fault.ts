import { fitText } from '../../shared/contracts/fit-text.ts';
import type { PlanBody } from '../../shared/contracts/plan.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import { sayPlan } from '../../shared/sentences/plan-forms.ts';

/** A limit counts as passed beyond these, pu and %: what the power flow's check of a plan may differ. */
const PASSED = { voltagePu: 1e-4, loadingPct: 100.1 };

/** An alarm is read at a glance; the plan's page shows the whole of a conflict. */
const CONFLICT_CHARACTERS = 200;

/** The alarm that a plan is; undefined where it keeps all limits, be it without room for the errors of the forecast. */
export function planFault(body: PlanBody): Fault | undefined {
  if (body.status !== 'least-violation') return undefined;
  const { maxVoltageViolationPu, maxLoadingPct, worstElement } = body.verified;
  const passed = maxVoltageViolationPu > PASSED.voltagePu || maxLoadingPct > PASSED.loadingPct;
  const loading = maxLoadingPct.toFixed(1);
  const worst = sayPlan('{element}: voltage {value} pu beyond its band, loading at most {loading} %', {
    element: worstElement,
    value: maxVoltageViolationPu.toFixed(4),
    loading,
  });
  const conflict = body.conflict === undefined ? undefined : fitText(body.conflict.text, CONFLICT_CHARACTERS);
  const said = (): string => {
    if (conflict !== undefined) return passed ? sayPlan('{one}; {other}', { one: worst, other: conflict }) : conflict;
    if (passed) return worst;
    return sayPlan(
      'No voltage and no rating is passed (loading at most {loading} %), but a limit of power is, and nothing that the devices can do heals it.',
      { loading },
    );
  };
  return { code: 'LS-OPT-001', detail: said() };
}
