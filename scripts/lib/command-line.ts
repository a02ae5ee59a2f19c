import { AppError } from '../../api/shared/errors';

/** Runs a command's work; errors are told in one line. A number it resolves to is the exit code. */
export async function runCommand(work: () => Promise<unknown>): Promise<void> {
  try {
    const code = await work();
    process.exitCode = typeof code === 'number' ? code : 0;
  } catch (error) {
    if (error instanceof AppError) console.error(`${error.code}: ${error.message}`);
    else console.error(error);
    process.exitCode = 1;
  }
}
