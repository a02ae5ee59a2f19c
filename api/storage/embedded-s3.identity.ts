import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../shared/errors';

/** Who the embedded store of a directory is: kept in a file that only its owner can read. */
export type EmbeddedS3Identity = { accessKeyId: string; secretAccessKey: string; port: number };

/** Answered by the server itself, before S3's protocol. No bucket can have such a name. */
export const identityPath = '/.songreel-embedded-s3';

function identityFile(directory: string): string {
  return join(directory, 'identity.json');
}

/** Reads the identity; the first process to come makes it, whole before another can see it. */
export async function readIdentity(
  directory: string,
  chooseFreePort: () => Promise<number>,
): Promise<EmbeddedS3Identity> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = identityFile(directory);
  if (!(await Bun.file(file).exists())) {
    const draft = `${file}.${randomBytes(8).toString('hex')}`;
    const identity: EmbeddedS3Identity = {
      accessKeyId: `SONGREEL${randomBytes(6).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('hex'),
      port: await chooseFreePort(),
    };
    await writeFile(draft, JSON.stringify(identity), { mode: 0o600, flag: 'wx' });
    try {
      await link(draft, file);
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    } finally {
      await unlink(draft);
    }
  }
  return parseIdentity(await readFile(file, 'utf8'), file);
}

/** Remembers another port, when the remembered one is taken by a stranger. */
export async function writeIdentity(directory: string, identity: EmbeddedS3Identity): Promise<void> {
  const file = identityFile(directory);
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, JSON.stringify(identity), { mode: 0o600, flag: 'wx' });
  await rename(draft, file);
}

function parseIdentity(text: string, file: string): EmbeddedS3Identity {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) {
      const accessKeyId: unknown = Reflect.get(value, 'accessKeyId');
      const secretAccessKey: unknown = Reflect.get(value, 'secretAccessKey');
      const port: unknown = Reflect.get(value, 'port');
      if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string' && typeof port === 'number')
        return { accessKeyId, secretAccessKey, port };
    }
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw new AppError({
    code: 'EmbeddedS3Damaged',
    status: 500,
    message: `${file} is damaged. Delete it to have the embedded store make new credentials; its objects stay.`,
  });
}

/** Proof of knowing the secret, without telling it. */
export function proof(identity: EmbeddedS3Identity, nonce: string): string {
  return createHmac('sha256', identity.secretAccessKey).update(nonce).digest('hex');
}

/** Whether the store of this identity answers on its port. */
export async function isRunning(identity: EmbeddedS3Identity): Promise<boolean> {
  const nonce = randomBytes(16).toString('hex');
  try {
    const answer = await fetch(`http://127.0.0.1:${identity.port}${identityPath}?nonce=${nonce}`, {
      redirect: 'error',
      // Loopback answers in milliseconds; a busy machine may need more.
      signal: AbortSignal.timeout(3000),
    });
    const told = Buffer.from((await answer.text()).slice(0, 100));
    const expected = Buffer.from(proof(identity, nonce));
    return told.length === expected.length && timingSafeEqual(told, expected);
  } catch {
    // Refused, reset or too slow: not ours, whatever it is.
    return false;
  }
}
