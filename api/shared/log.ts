import { AsyncLocalStorage } from 'node:async_hooks';
import pino from 'pino';

/** A structured logger: `log.info({ fields }, 'event_name')`. Lines are JSON on standard error. */
export type Log = {
  debug(fields: Record<string, unknown>, event: string): void;
  info(fields: Record<string, unknown>, event: string): void;
  warn(fields: Record<string, unknown>, event: string): void;
  error(fields: Record<string, unknown>, event: string): void;
  child(fields: Record<string, unknown>): Log;
};

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that every line gets which is written while some work goes on: the request's id, the job's. */
export type LogContext = {
  run<Result>(fields: Record<string, unknown>, work: () => Result): Result;
  fields(): Record<string, unknown>;
};

export function createLogContext(): LogContext {
  const store = new AsyncLocalStorage<Record<string, unknown>>();
  return {
    run: (fields, work) => store.run({ ...store.getStore(), ...fields }, work),
    fields: () => store.getStore() ?? {},
  };
}

export function createLog(level: LogLevel, context?: LogContext): Log {
  return pino(
    {
      level,
      base: null,
      messageKey: 'event',
      ...(context === undefined
        ? {}
        : {
            mixin(_line: object, _level: number, logger: pino.Logger) {
              const fields = context.fields();
              if (Object.keys(fields).length === 0) return fields;
              // What the logger says by itself must not stand on the line twice.
              const own = logger.bindings();
              return Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in own)));
            },
          }),
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
