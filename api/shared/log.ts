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

export function createLog(level: LogLevel): Log {
  return pino({ level, base: null, messageKey: 'event' }, pino.destination({ fd: 2, sync: true }));
}
