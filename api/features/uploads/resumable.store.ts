import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { FileStore } from '@tus/file-store';
import type { Upload } from '@tus/server';
import * as v from 'valibot';
import { inTheirWords } from './resumable.errors';
import type { Unfinished, UploadSpace } from './uploads.space';

/** What the protocol's store writes beside the bytes of an upload, as far as it is read here. */
const NoteSchema = v.object({
  size: v.optional(v.number()),
  creation_date: v.string(),
  metadata: v.optional(v.record(v.string(), v.nullable(v.string()))),
});
type Note = v.InferOutput<typeof NoteSchema>;

/** Where in an upload's metadata it is kept who began it; what a client sends there is overwritten. */
const CALLER = 'startedBy';

export const withCaller = (metadata: Upload['metadata'], caller: string): Upload['metadata'] => ({
  ...metadata,
  [CALLER]: caller,
});

/** The note of an upload; null when there is none that can be read. */
async function readNote(directory: string, id: string): Promise<Note | null> {
  try {
    const parsed = v.safeParse(NoteSchema, JSON.parse(await readFile(join(directory, `${id}.json`), 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch (error) {
    // Gone meanwhile, or cut short when the disk was full: either way nothing can go on with it.
    if (error instanceof SyntaxError || isMissing(error)) return null;
    throw error;
  }
}

async function filesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}

async function factsOf(path: string): Promise<{ bytes: number; changedMs: number } | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, changedMs: mtimeMs };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The uploads of a folder that have begun, whichever process took them. */
export async function readUnfinished(directory: string): Promise<Unfinished[]> {
  const notes = (await filesIn(directory)).filter((name) => name.endsWith('.json'));
  const uploads = await Promise.all(
    notes.map(async (name): Promise<Unfinished | null> => {
      const id = name.slice(0, -'.json'.length);
      const [note, file] = await Promise.all([readNote(directory, id), factsOf(join(directory, id))]);
      if (note === null || file === null) return null;
      return {
        caller: note.metadata?.[CALLER] ?? null,
        missingBytes: Math.max(0, (note.size ?? file.bytes) - file.bytes),
      };
    }),
  );
  return uploads.filter((one) => one !== null);
}

/** The protocol's store of files, which takes only what the disk has room for. */
export class BoundedStore extends FileStore {
  private readonly writing = new Set<string>();

  constructor(
    private readonly own: {
      directory: string;
      keptMs: number;
      space: Pick<UploadSpace, 'reserve' | 'declare' | 'goOn'>;
    },
  ) {
    super({ directory: own.directory, expirationPeriodInMilliseconds: own.keptMs });
  }

  override create(upload: Upload): Promise<Upload> {
    const caller = upload.metadata?.[CALLER] ?? '';
    return inTheirWords(() => this.own.space.reserve(caller, upload.size ?? 0, () => super.create(upload)));
  }

  override async declareUploadLength(id: string, length: number): Promise<void> {
    const { offset } = await this.getUpload(id);
    const declare = () => super.declareUploadLength(id, length);
    await inTheirWords(() => this.own.space.declare(length - offset, declare));
  }

  override async write(readable: Readable, id: string, offset: number): Promise<number> {
    const { size } = await this.getUpload(id);
    const receiving = await inTheirWords(() =>
      this.own.space.goOn(size === undefined ? null : size - offset),
    );
    const refusal: { error: unknown } = { error: null };
    const counter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        inTheirWords(() => receiving.arrived(chunk.length)).then(
          () => done(null, chunk),
          (error: Error) => {
            refusal.error = error;
            done(error);
          },
        );
      },
    });
    this.writing.add(id);
    try {
      // Its end and its errors are those of the write below.
      pipeline(readable, counter, () => undefined);
      return await super.write(counter, id, offset);
    } catch (error) {
      throw refusal.error ?? error;
    } finally {
      this.writing.delete(id);
      receiving.end();
    }
  }

  /**
   * Deletes what was begun longer ago than uploads are kept, and what is left of a half-written or
   * half-deleted one; resolves to the number of uploads.
   */
  async prune(now: Date): Promise<number> {
    const { directory, keptMs } = this.own;
    const ids = new Set((await filesIn(directory)).map((name) => name.replace(/\.json$/, '')));
    let pruned = 0;
    for (const id of ids) {
      // One that began in its last hour may still be coming.
      if (this.writing.has(id)) continue;
      const files = [join(directory, id), join(directory, `${id}.json`)];
      const note = await readNote(directory, id);
      const facts = await Promise.all(files.map(factsOf));
      const changedMs = Math.max(...facts.map((file) => file?.changedMs ?? 0));
      const isWhole = note !== null && facts[0] !== null;
      const sinceMs = isWhole ? new Date(note.creation_date).getTime() : changedMs;
      if (now.getTime() - sinceMs <= keptMs) continue;
      for (const path of files) await rm(path, { force: true });
      pruned += 1;
    }
    return pruned;
  }
}

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';
