import { AppError } from '../../api/shared/errors';
import { keepFilesPrivate } from '../../api/shared/private-files';
import packageFile from '../../package.json';

/** Name and version, as every command tells them for `--version`. */
export const productVersion = `Songreel ${packageFile.version}`;

/**
 * Runs a command's work; errors of the studio and of the command line are told in one line. A number it
 * resolves to is the exit code. What it and its programs write is for its user alone. With `--version` the
 * version is printed and no work is done.
 * @param work gets the umask that the user has, for files that the user named
 */
export async function runCommand(work: (usersUmask: number) => Promise<unknown>): Promise<void> {
  if (process.argv.slice(2).includes('--version')) {
    console.log(productVersion);
    return;
  }
  const usersUmask = keepFilesPrivate();
  try {
    const code = await work(usersUmask);
    process.exitCode = typeof code === 'number' ? code : 0;
  } catch (error) {
    if (error instanceof AppError) console.error(`${error.code}: ${error.message}`);
    else if (isBadUsage(error)) console.error(`BadUsage: ${error.message}`);
    else console.error(withoutPasswords(Bun.inspect(error)));
    process.exitCode = 1;
  }
}

/** Text with the passwords of URLs left out: what a library throws may hold the address it was given. */
export function withoutPasswords(text: string): string {
  return text.replace(/(\b[a-z][a-z\d+.-]*:\/\/[^\s:@/]*:).*@/gi, '$1…@');
}

/** Options that `parseArgs` doesn't know, or that lack their value. */
function isBadUsage(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('ERR_PARSE_ARGS')
  );
}
