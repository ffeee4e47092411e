import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { Job } from '../../jobs/job.ts';
import { LimitWatch, type WatchedLimits } from './limit-watch.ts';
import type { PlannerFeed } from './planner-event.ts';

export interface FeedSources {
  readonly feed: PlannerFeed;
  /** Plant time, ms UTC. */
  now(): number;
  limitsOf(target: string): WatchedLimits | undefined;
}

/** Publishes forecasts, jobs and model changes as planner events. */
export class FeedWriter {
  readonly #sources: FeedSources;
  readonly #watch = new LimitWatch();

  constructor(sources: FeedSources) {
    this.#sources = sources;
  }

  forecast(forecast: Forecast): void {
    const { feed } = this.#sources;
    const { id, target } = forecast;
    const about = { at: this.#sources.now(), target, owner: null };
    const iso = (time: number): string => new Date(time).toISOString();
    feed.publish({
      ...about,
      event: 'forecast.issued',
      data: {
        forecastId: id,
        href: `/v1/forecasts/${id}`,
        issuedAt: iso(forecast.issuedAt),
        isFallback: forecast.fallback !== null,
      },
    });
    for (const { start, peakAt, ...breach } of this.#watch.look(forecast, this.#sources.limitsOf(target)))
      feed.publish({
        ...about,
        event: 'limit.predicted',
        data: { forecastId: id, ...breach, start: iso(start), peakAt: iso(peakAt) },
      });
  }

  job({ id, kind, status, owner, href, fault }: Job): void {
    this.#sources.feed.publish({
      event: 'job.finished',
      at: this.#sources.now(),
      target: null,
      owner,
      data: { jobId: id, kind, status, href: `/v1/jobs/${id}`, result: href, code: fault?.code ?? null },
    });
  }

  model(change: {
    readonly id: string;
    readonly target: string;
    readonly from: string | null;
    readonly to: string;
    readonly reason: string;
  }): void {
    const { target, id, ...more } = change;
    this.#sources.feed.publish({
      event: 'model.transition',
      at: this.#sources.now(),
      target,
      owner: null,
      data: { modelId: id, ...more },
    });
  }
}
