import * as v from 'valibot';
import type { ErrorEntry } from './error.entry';

/**
 * Errors that stop a start or a command. Whoever started it reads them in the terminal; they are never
 * answered or stored on a job, so no page translates them.
 */
export const commandErrors = {
  // Settings and programs
  DataDirectoryUnusable: { status: 500 },
  FfmpegNotFound: { status: 503 },
  FfprobeNotFound: { status: 503 },
  InvalidSettings: { status: 500, details: v.optional(v.pipe(v.array(v.string()), v.readonly())) },
  PageNotBuilt: { status: 500 },
  ProgramNotUsable: { status: 503 },
  TokensNeeded: { status: 500 },

  // Database and store
  DatabaseClosed: { status: 500 },
  DatabaseDoesNotStart: { status: 500 },
  DatabaseMoved: { status: 500 },
  DatabaseNotReached: { status: 503 },
  DatabaseOfOtherVersion: { status: 500 },
  DatabaseTooNew: { status: 500 },
  EmbeddedS3Damaged: { status: 500 },
  EmbeddedS3Failed: { status: 503 },
  InvalidDatabaseUrl: { status: 500 },
  MediaRootDamaged: { status: 500 },
  MigrationChanged: { status: 500 },
  MigrationFailed: { status: 500 },
  MigrationsBroken: { status: 500 },
  NoDatabasePrograms: { status: 500 },
  NoDatabaseSchema: { status: 500 },
  NoDatabaseUser: { status: 500 },

  // Commands
  BackupDamaged: { status: 409 },
  BackupFolderInUse: { status: 409 },
  BackupOfOtherVersion: { status: 409 },
  BadArguments: { status: 400 },
  BadUsage: { status: 400 },
  BadUse: { status: 400 },
  BenchmarkFailed: { status: 500 },
  DatabaseNotEmpty: { status: 409 },
  DemoMaterialFailed: { status: 500 },
  DemoOutcome: { status: 500 },
  FileNotFound: { status: 400 },
  NoBackup: { status: 409 },
  NotABenchmark: { status: 500 },
  NothingToBackUp: { status: 409 },
  RestoreFailed: { status: 500 },
  TokenNameReserved: { status: 422 },
  TokenNameTaken: { status: 409 },
  TokenNotFound: { status: 404 },
  UnknownBenchmark: { status: 400 },

  // Tests
  ChromiumNotFound: { status: 500 },
} as const satisfies Record<string, ErrorEntry>;
