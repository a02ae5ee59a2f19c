import type { DetailsOf } from '../../contract/error.catalogue';
import { AppError } from '../../shared/errors';

const mebibytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024).toLocaleString('en')} MiB`;

export const fileTooLarge = (maxBytes: number) =>
  new AppError({
    code: 'FileTooLarge',
    message: `The file is larger than the ${mebibytes(maxBytes)} this studio takes. Send a smaller one, or raise MAX_UPLOAD_BYTES.`,
    details: { maxBytes },
  });

export const tooManyUploads = () =>
  new AppError({
    code: 'TooManyUploads',
    message:
      'Too many of your uploads are unfinished. Let some of them end, or give some up (DELETE). What is not finished goes a day after it was begun.',
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
    message: 'Another request is sending bytes of this upload. Wait until it ends, then ask how far it is.',
  });

export const brokenUpload = (cause: unknown) =>
  new AppError({
    code: 'UploadBroken',
    message:
      'The upload ended before the whole file had arrived, or its form is damaged. Nothing was kept; send it again.',
    cause,
  });

/** A file that looked whole and could not be played to its end; `failure` has ffmpeg's own words. */
export const damagedUpload = (failure: AppError & { details: DetailsOf<'MediaStepFailed'> }) =>
  new AppError({
    code: 'DamagedMedia',
    message: `The file can't be played to its end: it is damaged. Export or download it again. (${failure.message})`,
    details: failure.details,
    cause: failure,
  });
