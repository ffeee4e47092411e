import { forecastTasks } from '../../forecast/serve/forecast-tasks.ts';
import { weekAhead } from '../../forecast/serve/week-ahead.ts';
import { naiveForecast } from './naive-forecast.ts';
import { scoreBacktest } from './score-backtest.ts';

/** The work of a backtest by name: fits, forecasts and scores. */
export const backtestTasks = { ...forecastTasks, naiveForecast, scoreBacktest, weekAhead };
export type BacktestTasks = typeof backtestTasks;
