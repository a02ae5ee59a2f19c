import { AppError } from '../../api/shared/errors';

/** Runs a command's work; errors are told in one line, and the exit code says how it went. */
export async function runCommand(work: () => Promise<number | void>): Promise<void> {
  try {
    const code = await work();
    process.exitCode = typeof code === 'number' ? code : 0;
  } catch (error) {
    if (error instanceof AppError) console.error(`${error.code}: ${error.message}`);
    else console.error(error);
    process.exitCode = 1;
  }
}
