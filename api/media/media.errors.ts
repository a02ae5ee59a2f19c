import { AppError } from '../shared/errors';

/** A program of ours failed on a file that should have worked; `lines` are its last words. */
export function programFailed(
  program: string,
  step: string,
  exitCode: number | null,
  lines: string[],
): AppError {
  const last = lines.at(-1);
  return new AppError({
    code: 'MediaStepFailed',
    message: `${program} could not finish "${step}"${last ? `: ${last}` : ''}. The file may be damaged. Try again, or export it again.`,
    details: { program, step, exitCode, lastLines: lines },
  });
}

/** The system or a person ended a program of ours (no memory left, most often): nothing is said of the file. */
export function programKilled(program: string, step: string, signal: string): AppError {
  return new AppError({
    code: 'MediaProgramKilled',
    message: `"${step}" was stopped by the system (${program}, ${signal}). It may be low on memory. Try again.`,
    details: { program, step, signal },
  });
}

/** The machine is too busy or the file too much for it: nobody can say which, so it may be tried again. */
export function timeLimitReached(step: string, seconds: number): AppError {
  return new AppError({
    code: 'MediaStepTimedOut',
    message: `"${step}" was stopped after ${seconds} s. The computer may be busy: try again. If that doesn’t help, export a shorter or smaller file.`,
    details: { step, seconds },
  });
}

/** The memory limit of a run was met: nothing that a person films needs so much. */
export function needsTooMuch(step: string): AppError {
  return new AppError({
    code: 'MediaNeedsTooMuchMemory',
    message: `"${step}" needs more memory than is allowed. The file may be damaged or have very large frames. Export it again, or smaller.`,
    details: { step },
  });
}

export function outputTooLarge(step: string, bytes: number): AppError {
  return new AppError({
    code: 'MediaOutputTooLarge',
    message: `"${step}" was stopped because the result became larger than ${Math.round(bytes / 1_000_000)} MB. Use a shorter file.`,
    details: { step, bytes },
  });
}
