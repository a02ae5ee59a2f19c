import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Figures, HttpRequest, ProgramRun } from './system.rules';

export type Metrics = ReturnType<typeof createMetrics>;

/** The figures of this process and of the whole studio, for Prometheus (`prom-client`). */
export function createMetrics() {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register, prefix: 'songreel_' });

  const requests = new Counter({
    name: 'songreel_http_requests_total',
    help: 'Requests that were answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'songreel_http_request_seconds',
    help: 'Time until an answer began.',
    labelNames: ['method', 'route'],
    // From an answer that is kept to a caller who waits ten minutes for a job.
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers,
  });
  const programSeconds = new Counter({
    name: 'songreel_ffmpeg_seconds_total',
    help: 'Time that runs of ffmpeg and ffprobe took in this process.',
    labelNames: ['program', 'step'],
    registers,
  });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `songreel_${name}`, help, labelNames, registers });
  const jobs = gauge('jobs', 'Jobs by kind and state.', ['kind', 'state']);
  const queueAge = gauge('queue_age_seconds', 'Age of the oldest job that waits.', ['kind']);
  const outboxFiles = gauge('outbox_files', 'Local files by state of their upload.', ['state']);
  const outboxBytes = gauge('outbox_bytes', 'Bytes of local files by state of their upload.', ['state']);
  const calls = gauge('provider_calls', 'Calls to paid providers.', ['provider', 'model', 'state']);
  const cost = gauge('provider_cost_usd', 'What calls to paid providers cost.', ['provider', 'model']);
  const diskFree = gauge('disk_free_bytes', 'Free bytes on the disk of local media.');
  const counter = (name: string, help: string) =>
    new Counter({ name: `songreel_${name}_total`, help, registers });
  const freed = counter('bytes_freed', 'Bytes of local media deleted after a confirmed upload.');
  const confirmed = counter('uploads_confirmed', 'Uploads proven to be in S3.');
  const failed = counter('uploads_failed', 'Upload attempts that failed.');

  function set(figures: Figures): void {
    for (const one of [jobs, queueAge, outboxFiles, outboxBytes, calls, cost]) one.reset();
    for (const { kind, state, count } of figures.jobs) jobs.set({ kind, state }, count);
    for (const { kind, seconds } of figures.queueAges) queueAge.set({ kind }, seconds);
    for (const { state, files, bytes } of figures.outbox) {
      outboxFiles.set({ state }, files);
      outboxBytes.set({ state }, bytes);
    }
    for (const { provider, model, state, calls: count, costUsd } of figures.providerCalls) {
      calls.set({ provider, model, state }, count);
      cost.inc({ provider, model }, costUsd);
    }
    diskFree.set(figures.diskFreeBytes);
    const totals = [
      { total: freed, value: figures.storage.bytesFreed },
      { total: confirmed, value: figures.storage.uploadsConfirmed },
      { total: failed, value: figures.storage.uploadsFailed },
    ];
    for (const { total, value } of totals) {
      total.reset();
      total.inc(value);
    }
  }

  return {
    contentType: register.contentType,

    meterRequest({ method, route, status, seconds }: HttpRequest): void {
      requests.inc({ method, route, status: String(status) });
      requestSeconds.observe({ method, route }, seconds);
    },

    meterProgram({ program, step, seconds }: ProgramRun): void {
      programSeconds.inc({ program, step }, seconds);
    },

    /** All figures in Prometheus' text format. */
    async text(figures: Figures): Promise<string> {
      set(figures);
      return register.metrics();
    },
  };
}
