import type { DetailsOf } from '../../contract/error.catalogue';
import { AppError } from '../../shared/errors';

const mebibytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024).toLocaleString('en')} MiB`;

export const fileTooLarge = (maxBytes: number) =>
  new AppError({
    code: 'FileTooLarge',
    message: `The file is too large: the limit is ${mebibytes(maxBytes)}. Use a smaller file, or raise MAX_UPLOAD_BYTES.`,
    details: { maxBytes },
  });

export const tooManyUploads = () =>
  new AppError({
    code: 'TooManyUploads',
    message:
      'Too many of your uploads are unfinished. Wait for some to finish, or cancel some (DELETE). Unfinished uploads are removed after a day.',
  });

export const noFile = () =>
  new AppError({
    code: 'NoFile',
    message:
      'No file was sent. Send a form (multipart/form-data) with one file in the field "file", or the bare bytes with a Content-Type like video/mp4 and ?filename=name.mp4.',
  });

export const uploadBusy = () =>
  new AppError({
    code: 'UploadBusy',
    message: 'This upload is already in progress in another request. Wait for it to finish, then continue.',
  });

export const brokenUpload = (cause: unknown) =>
  new AppError({
    code: 'UploadBroken',
    message: 'The upload was interrupted before the whole file arrived. Nothing was saved; upload it again.',
    cause,
  });

/** A file that looked whole and could not be played to its end; `failure` has ffmpeg's own words. */
export const damagedUpload = (failure: AppError & { details: DetailsOf<'MediaStepFailed'> }) =>
  new AppError({
    code: 'DamagedMedia',
    message: `The file is damaged and can’t be played to the end. Export or download it again. (${failure.message})`,
    details: failure.details,
    cause: failure,
  });
