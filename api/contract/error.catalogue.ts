import * as v from 'valibot';
import { scopes } from './access.schema';
import { commandErrors } from './error.commands';
import type { ErrorEntry } from './error.entry';
import { providerNames } from './provider.names';
import { chargedStates } from './provider.schema';

const text = v.string();
const number = v.number();
const texts = v.pipe(v.array(text), v.readonly());
const numbers = v.pipe(v.array(number), v.readonly());

const job = v.object({ jobId: text });
const jobInState = v.object({ jobId: text, state: text });
const scene = v.object({ sequence: number });
const frames = v.object({ frames: v.nullable(number) });
const step = v.object({ step: text });
const failedStep = v.object({
  program: text,
  step: text,
  exitCode: v.nullable(number),
  lastLines: texts,
});
const mimeType = v.object({ mimeType: text });
const pictureSize = v.object({ width: number, height: number });
/** What ffmpeg said last. */
const ffmpeg = v.object({ ffmpeg: text });
const lastOutput = v.object({ lastOutput: text });
/** Where a program of ours broke, when it could say so. */
const stack = v.optional(text);
/** Fields of the request and what is wrong with each. */
const fields = v.pipe(v.array(v.object({ field: text, message: text })), v.readonly());

/** What every error of a provider tells programs. */
export const ProviderErrorDetailsSchema = v.object({
  provider: v.picklist(providerNames),
  charged: v.picklist(chargedStates),
  /** The provider's own id of the job. */
  remoteId: v.optional(text),
  /** What exactly it was, in the vendor's words or ours; no secrets. */
  reason: text,
});
const provider = ProviderErrorDetailsSchema;

/**
 * All errors that the API answers with or stores on a job. People can see each of them on the page, so the
 * page has a sentence for each in each of its languages.
 */
export const answeredErrors = {
  // Requests
  BadJson: { status: 400 },
  BadRequest: { status: 400, details: v.optional(fields) },
  BadText: { status: 400, details: fields },
  BodyTooLarge: { status: 413 },
  CrossSiteRequest: { status: 403 },
  DatabaseUnavailable: { status: 503 },
  InternalError: { status: 500 },
  NotFound: { status: 404 },
  ProxyNeedsTokens: { status: 403 },
  ScopeTooSmall: {
    status: 403,
    details: v.object({ scope: v.picklist(scopes), needed: v.picklist(scopes) }),
  },
  TokenNeeded: { status: 401 },
  TokenUnknown: { status: 401 },
  TooManyRequests: { status: 429, retryable: true },
  TooManyStreams: { status: 429, retryable: true },
  TooManyWrongTokens: { status: 429, details: v.object({ retryAfterSeconds: number }), retryable: true },
  UnknownHost: { status: 403 },
  WebhookRefused: { status: 401, details: v.object({ problem: text }) },

  // Projects, scenes, takes, videos
  AudioNotFound: { status: 404 },
  BadOrder: { status: 400, details: v.object({ missing: texts, unknown: texts, repeated: texts }) },
  BadSequence: { status: 400 },
  BadTrim: { status: 400, details: frames },
  BadWindow: { status: 400, details: frames },
  ClipNotFitted: { status: 409, details: v.object({ sequences: numbers }) },
  ExportFormatUnknown: { status: 404 },
  FormatInUse: { status: 409 },
  MediaInUse: { status: 409, details: v.object({ sequences: numbers }) },
  MediaNotFound: { status: 404 },
  NoDescription: { status: 400 },
  NoFinalVideo: { status: 404 },
  NoSample: { status: 501 },
  NotInBin: { status: 404 },
  NothingToCompose: { status: 400 },
  NothingToRedo: { status: 409 },
  NothingToUndo: { status: 409 },
  OtherKindOfMedia: { status: 400 },
  ProjectBusy: { status: 409, details: v.object({ jobIds: texts }) },
  ProjectHasNoScenes: { status: 400 },
  ProjectHasNoSong: { status: 400 },
  ProjectHasScenes: { status: 409, details: v.object({ count: number }) },
  ProjectNotFound: { status: 404 },
  SampleNotMade: { status: 500 },
  SceneBusy: { status: 409, details: job },
  RollOutside: { status: 400, details: v.object({ earliest: number, latest: number }) },
  SceneHasNoLength: { status: 400, details: scene },
  SceneHasNoPrompt: { status: 400, details: scene },
  SceneHasNoVideo: { status: 400 },
  SceneNotFound: { status: 404 },
  SceneSkipped: { status: 409 },
  ScenesWithoutVideo: { status: 400, details: v.object({ sequences: numbers }) },
  SliceOutsideAudio: { status: 422 },
  SliceOutsideSong: {
    status: 422,
    details: v.union([
      v.object({ startSeconds: number, songSeconds: number }),
      v.object({ startSample: number, songSamples: number }),
    ]),
  },
  SplitOutside: { status: 400, details: frames },
  TakeNotFound: { status: 404 },
  TakeWithoutOriginal: { status: 409 },
  TimelineChanged: { status: 409, details: v.object({ revision: v.nullable(number) }) },
  TooManyMedia: { status: 422, details: v.object({ most: number }) },
  TooManyScenes: { status: 422, details: v.object({ most: number }) },
  TrimOutsideClip: {
    status: 400,
    details: v.object({ inFrame: number, outFrame: number, clipFrames: number }),
  },
  VideoNotFound: { status: 404 },

  // Jobs
  DatabaseWaiting: { status: 503, retryable: true },
  JobAbandoned: { status: 500 },
  JobAlreadyEnded: { status: 409, details: v.optional(jobInState) },
  JobCanceled: { status: 409, details: job },
  JobIncomplete: { status: 500, details: job },
  JobLeftOpen: { status: 500 },
  JobNotFound: { status: 404, details: v.optional(job) },
  JobNotRetryable: { status: 409, details: v.union([jobInState, job]) },
  StorageWaiting: { status: 503, retryable: true },
  TooManyJobs: { status: 429, details: v.object({ waiting: number }), retryable: true },
  UploadWaiting: { status: 503, retryable: true },
  WorkerLost: { status: 500 },

  // Media
  ClipWithoutFrames: { status: 422 },
  ComposeIncomplete: {
    status: 500,
    details: v.object({ expectedFrames: number, frames: number, even: v.boolean(), hasSound: v.boolean() }),
    retryable: true,
  },
  DamagedMedia: {
    status: 422,
    details: v.optional(
      v.union([mimeType, v.object({ decodedFrames: number, expectedFrames: number }), failedStep]),
    ),
  },
  EmptyFile: { status: 400 },
  FramesMissing: { status: 500 },
  HdrNotSupported: { status: 422 },
  InvalidSlice: { status: 400 },
  MediaNeedsTooMuchMemory: { status: 422, details: step },
  MediaOutputTooLarge: { status: 422, details: v.object({ step: text, bytes: number }) },
  MediaProgramKilled: {
    status: 503,
    details: v.object({ program: text, step: text, signal: text }),
    retryable: true,
  },
  MediaStepFailed: { status: 500, details: failedStep },
  MediaStepTimedOut: { status: 503, details: v.object({ step: text, seconds: number }), retryable: true },
  MediaTooLong: { status: 422 },
  MediaTooShort: { status: 422 },
  NoSound: { status: 415 },
  NoVideo: { status: 415 },
  NotAnImage: { status: 415 },
  NotMedia: { status: 415, details: v.optional(mimeType) },
  NotWav: { status: 500 },
  PictureTooLarge: { status: 422, details: v.optional(pictureSize) },
  PictureTooSmall: { status: 422, details: v.optional(pictureSize) },
  PlaylistNotMedia: { status: 415 },
  TakesNotJoinable: { status: 500, details: v.object({ positions: numbers }) },
  TooManyTracks: { status: 422, details: v.object({ tracks: number }) },
  UnsupportedMedia: { status: 415, details: v.optional(mimeType) },

  // Uploads, downloads, S3
  DiskNearlyFull: {
    status: 507,
    details: v.object({ freeBytes: number, minimumBytes: number, promisedBytes: number }),
    retryable: true,
  },
  DownloadDamaged: { status: 502, retryable: true },
  FileChanged: { status: 500 },
  FileLost: { status: 500 },
  FileTooLarge: { status: 413, details: v.object({ maxBytes: number }) },
  FileUnreadable: { status: 500 },
  LocalFileUnreadable: { status: 500 },
  MediaUrlEnded: { status: 403 },
  MediaUrlInvalid: { status: 403 },
  NoFile: { status: 400 },
  ObjectNotFound: { status: 404 },
  PathNotAllowed: { status: 500 },
  RangeNotSatisfiable: { status: 416 },
  StorageRefused: { status: 502 },
  StorageTimeout: { status: 503, retryable: true },
  StorageUnavailable: { status: 503, retryable: true },
  TooManyUploads: { status: 429, retryable: true },
  UploadBroken: { status: 400 },
  UploadBusy: { status: 409 },
  /** 502: S3 refuses; 503: it is away; both are tried again by themselves. 500: our own mistake, which is not. */
  UploadFailed: { status: [500, 502, 503], retryable: 'sometimes' },
  UploadLost: { status: 500 },
  UploadNotConfirmed: { status: 502, retryable: true },
  /** The status is that of the tus protocol. */
  UploadProtocol: { status: 'any' },
  UploadStalled: { status: 408, retryable: true },
  UrlNotAllowed: { status: 400 },
  /** `answered`: the HTTP status of the URL's server, where it was another than 200. */
  UrlNotFetched: {
    status: 502,
    details: v.optional(v.object({ answered: number })),
    retryable: 'sometimes',
  },
  UrlNotFound: { status: 400 },
  UrlTimeout: { status: 504, retryable: true },
  UrlTooLarge: { status: 413 },

  // Providers on this machine
  CardNotDrawn: { status: 500, details: stack },
  ClipNotMade: { status: 500, details: stack },
  EncodingFailed: { status: 500, details: ffmpeg },
  LipsyncEngineDied: { status: 500, details: lastOutput, retryable: true },
  LipsyncEngineFailed: { status: 500, details: stack },
  NoFaceFound: { status: 422 },
  ProviderDied: { status: 500, details: lastOutput, retryable: true },
  UnreadableAudio: { status: 422, details: ffmpeg },
  UnreadableVideo: { status: 422, details: ffmpeg },

  // Paid providers. `charged` has the states that the code goes with; which one it was is in the details.
  BudgetExceeded: {
    status: 409,
    details: v.object({ budgetUsd: number, spentUsd: number, openUsd: number, estimatedUsd: number }),
  },
  CallGivenUp: { status: 409 },
  /** 409: two runs of a job met; 502: the job was given to another provider meanwhile. */
  CallStillOpen: { status: [409, 502], details: v.optional(provider), charged: ['unknown'] },
  InputNotReachable: { status: 503, details: v.object({ charged: v.literal('no') }) },
  ModelNotOffered: { status: 400, details: v.object({ models: texts }) },
  PriceUnknown: { status: 409, details: v.object({ budgetUsd: number }) },
  ProviderAborted: { status: 502, details: provider, charged: ['no'] },
  ProviderBadOutput: { status: 502, details: provider, charged: ['yes'] },
  ProviderBusy: { status: 503, details: provider, charged: ['no'] },
  ProviderCanceled: { status: 502, details: provider, charged: ['no', 'yes'] },
  ProviderCannotDoThis: { status: 422, details: provider, charged: ['no'] },
  ProviderCreditMissing: { status: 502, details: provider, charged: ['no'] },
  ProviderFailed: { status: 502, details: provider, charged: ['no', 'unknown'] },
  ProviderInputRefused: { status: 502, details: provider, charged: ['no'] },
  ProviderInputTooLarge: { status: 502, details: provider, charged: ['no'] },
  ProviderJobGone: { status: 502, details: provider, charged: ['unknown'] },
  ProviderModelNotFound: { status: 502, details: provider, charged: ['no'] },
  ProviderNotEnabled: { status: 400, details: v.object({ names: texts }) },
  ProviderOutcomeUnknown: { status: 502, details: provider, charged: ['unknown'] },
  ProviderOutputGone: { status: 502, details: provider, charged: ['yes'] },
  ProviderOutputNotFetched: { status: 502, details: provider, charged: ['yes'], retryable: true },
  ProviderRejected: { status: 502, details: provider, charged: ['no'] },
  ProviderTimeout: {
    status: 504,
    details: provider,
    charged: ['no', 'yes', 'unknown'],
    retryable: 'sometimes',
  },
  ProviderTokenRefused: { status: 502, details: provider, charged: ['no', 'unknown'] },
  ProviderUnreachable: {
    status: 503,
    details: v.optional(provider),
    charged: ['no', 'yes', 'unknown'],
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;

/** Every error of the studio. Who adds one says here all that follows from its code alone. */
export const errorCatalogue = { ...answeredErrors, ...commandErrors };

type Catalogue = typeof errorCatalogue;
export type ErrorCode = keyof Catalogue;
/** The codes that people can see on the page. */
export type AnsweredCode = keyof typeof answeredErrors;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

/** What an error of the code tells programs. */
export type DetailsOf<Code extends ErrorCode> = Catalogue[Code] extends {
  details: infer Schema extends v.GenericSchema;
}
  ? v.InferOutput<Schema>
  : undefined;

/** What does not follow from the code alone, so that whoever makes the error says it. */
export type StatedBy<Code extends ErrorCode> = (Catalogue[Code] extends { status: readonly (infer Status)[] }
  ? { status: Status }
  : Catalogue[Code] extends { status: 'any' }
    ? { status: number }
    : unknown) &
  (Catalogue[Code] extends { retryable: 'sometimes' } ? { retryable: boolean } : unknown);

/** Codes of errors of paid providers, whose details say whether money is gone. */
export type ProviderErrorCode = {
  [Code in ErrorCode]: Catalogue[Code] extends { charged: readonly unknown[] } ? Code : never;
}[ErrorCode];
/** Whether money can be gone where there is an error of the code. */
export type ChargedOf<Code extends ProviderErrorCode> = Catalogue[Code]['charged'][number];

/** An error as HTTP answers it: `error` is for programs, `message` says what is wrong and what to do. */
export const ErrorAnswerSchema = v.pipe(
  v.object({
    error: v.picklist(Object.keys(answeredErrors)),
    message: v.string(),
    details: v.optional(v.unknown()),
  }),
  // One schema of the OpenAPI document that all answers refer to: the list of codes is long.
  v.metadata({ ref: 'Error' }),
);
