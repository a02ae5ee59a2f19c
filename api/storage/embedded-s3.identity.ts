import { createHmac, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, errorMessage } from '../shared/errors';

/** Who the embedded store of a directory is: kept in a file that only its owner can read. */
export type EmbeddedS3Identity = {
  accessKeyId: string;
  secretAccessKey: string;
  /** Only where the store is spoken to over loopback. Stores of earlier versions have one, too. */
  port?: number;
};

function identityFile(directory: string): string {
  return join(directory, 'identity.json');
}

/** Reads the identity; the first process to come makes it, whole before another can see it. */
export async function readIdentity(directory: string): Promise<EmbeddedS3Identity> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await makePrivate(directory);
  const file = identityFile(directory);
  if (!(await Bun.file(file).exists())) {
    const identity: EmbeddedS3Identity = {
      accessKeyId: `SONGREEL${randomBytes(6).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('hex'),
    };
    const draft = await writeDraft(file, identity);
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

/** Remembers a port. */
export async function writeIdentity(directory: string, identity: EmbeddedS3Identity): Promise<void> {
  const file = identityFile(directory);
  await rename(await writeDraft(file, identity), file);
}

async function writeDraft(file: string, identity: EmbeddedS3Identity): Promise<string> {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, JSON.stringify(identity), { mode: 0o600, flag: 'wx' });
  return draft;
}

/** Media and credentials of a store are for the user that the studio runs as. */
async function makePrivate(directory: string): Promise<void> {
  try {
    await chmod(directory, 0o700);
  } catch (thrown) {
    throw new AppError({
      code: 'EmbeddedS3Failed',
      message: `The embedded store cannot keep other users out of ${directory} (${errorMessage(thrown)}). Give the folder to the user that the studio runs as, or set DATA_DIR to another one.`,
      cause: thrown,
    });
  }
}

function parseIdentity(text: string, file: string): EmbeddedS3Identity {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) {
      const accessKeyId: unknown = Reflect.get(value, 'accessKeyId');
      const secretAccessKey: unknown = Reflect.get(value, 'secretAccessKey');
      const port: unknown = Reflect.get(value, 'port');
      if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string')
        return { accessKeyId, secretAccessKey, ...(typeof port === 'number' ? { port } : {}) };
    }
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw new AppError({
    code: 'EmbeddedS3Damaged',
    message: `${file} is damaged. Delete it to have the embedded store make new credentials; its objects stay.`,
  });
}

/** Asked of the server itself, before S3's protocol. No bucket can have such a name. */
export const proofPath = '/.songreel-embedded-s3?nonce=';

/** The nonce of a request target that asks for a proof; null for any other. */
export function proofNonce(url: string): string | null {
  const nonce = url.startsWith(proofPath) ? url.slice(proofPath.length) : '';
  return /^[0-9a-f]{32}$/.test(nonce) ? nonce : null;
}

/** Proof of knowing the secret, without telling it. */
export function proof(identity: EmbeddedS3Identity, nonce: string): string {
  return createHmac('sha256', identity.secretAccessKey).update(nonce).digest('hex');
}
