import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';
import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import { noTracing, type Tracing } from '../shared/tracing';

/** A collector that is away must not keep a process from ending. */
const EXPORT_TIMEOUT_MS = 5000;

/**
 * Traces by OpenTelemetry to a collector that speaks OTLP over HTTP. The libraries are loaded only when
 * an endpoint is set, and nothing is registered globally. Further standard variables (OTEL_EXPORTER_OTLP_HEADERS,
 * OTEL_RESOURCE_ATTRIBUTES …) are read by the libraries themselves.
 */
export async function openTracing(options: {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: the collector's base, to which `/v1/traces` is added. */
  endpoint: string | undefined;
  serviceName: string;
  version: string;
  log: Log;
}): Promise<Tracing> {
  const { endpoint, log } = options;
  if (endpoint === undefined) return noTracing;
  const [otel, core, sdk, exporter, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new sdk.TracerProvider({
    resource: resources.detectResources({ detectors: [resources.envDetector] }).merge(
      resources.resourceFromAttributes({
        'service.name': options.serviceName,
        'service.version': options.version,
      }),
    ),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new exporter.OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }),
      }),
    ],
  });
  const tracer = provider.getTracer('songreel', options.version);
  const current = new AsyncLocalStorage<Context>();
  const root = otel.ROOT_CONTEXT;

  const contextOf = (traceparent: string | undefined): Context => {
    const remote = traceparent === undefined ? null : core.parseTraceParent(traceparent);
    const parent = current.getStore() ?? root;
    return remote === null ? parent : otel.trace.setSpanContext(parent, { ...remote, isRemote: true });
  };

  return {
    async span(name, { attributes = {}, traceparent, kind = 'internal' }, work) {
      const parent = contextOf(traceparent);
      const spanKind = kind === 'server' ? otel.SpanKind.SERVER : otel.SpanKind.INTERNAL;
      const span = tracer.startSpan(name, { attributes, kind: spanKind }, parent);
      const fail = (message: string) => span.setStatus({ code: otel.SpanStatusCode.ERROR, message });
      try {
        return await current.run(otel.trace.setSpan(parent, span), () =>
          work({
            traceId: span.spanContext().traceId,
            set: (more) => void span.setAttributes(more),
            rename: (next) => void span.updateName(next),
            fail,
          }),
        );
      } catch (error) {
        fail(errorMessage(error));
        throw error;
      } finally {
        span.end();
      }
    },

    ended(name, seconds, attributes) {
      const end = Date.now();
      const startTime = end - seconds * 1000;
      tracer.startSpan(name, { attributes, startTime }, current.getStore() ?? root).end(end);
    },

    async close() {
      try {
        await provider.shutdown();
      } catch (error) {
        log.warn({ error: errorMessage(error) }, 'traces_not_sent');
      }
    },
  };
}
