import { tooManyUploads } from './uploads.errors';

/** An upload that has begun. */
export type Unfinished = {
  /** Who sends it: the id of a token, or what stands for one. Null when that is not known. */
  caller: string | null;
  /** Bytes of it that are not on the disk yet. */
  missingBytes: number;
};

/** An upload while it is written. */
export type Receiving = {
  /** To be told before bytes are written. @throws AppError 507 `DiskNearlyFull` */
  arrived(bytes: number): Promise<void>;
  /** It is whole, or broken off: what is missing is needed no more. */
  end(): void;
};

/** Room is found for so many bytes at a time; the page sends pieces of this size. */
export const STEP_BYTES = 16 * 1024 * 1024;
/**
 * How often the disk is looked at: twice in a step, as some of what has arrived (a megabyte or two) is still
 * on its way through memory and not seen on the disk.
 */
const LOOK_EVERY_BYTES = STEP_BYTES / 2;

/** Unfinished uploads of one caller: three times the most clips (60) that people drop into the page at once. */
export const MAX_UNFINISHED = 200;

export type UploadSpace = ReturnType<typeof createUploadSpace>;

/**
 * Keeps account of what uploads have announced and not sent yet, so that all of them together never fill the
 * disk beyond its minimum: a new one is refused before its first byte.
 *
 * What is resumable is counted from its folder and so holds across restarts and processes that share it;
 * what comes in one request is counted by the process that receives it. Where that lets two processes
 * promise the same space, the one that comes too late is stopped while it is written.
 */
export function createUploadSpace(deps: {
  /** @throws AppError 507 `DiskNearlyFull` */
  disk: { requireSpace(neededBytes: number, promisedBytes?: number): Promise<void> };
  /** The resumable uploads that have begun. */
  unfinished: () => Promise<Unfinished[]>;
}) {
  const { disk } = deps;
  const receiving = new Set<Unfinished>();
  let lastTurn: Promise<unknown> = Promise.resolve();

  /** Looks and reservations one after another: two must not see the same free space. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = lastTurn.then(work, work);
    lastTurn = turn;
    return turn;
  }

  const allUnfinished = async () => [...(await deps.unfinished()), ...receiving];

  async function requireSpace(neededBytes: number): Promise<void> {
    await disk.requireSpace(neededBytes, missingBytesOf(await allUnfinished()));
  }

  /**
   * Reserves space with what `take` writes down; nothing is taken when there is none.
   * @throws AppError 507 `DiskNearlyFull`, 429 `TooManyUploads`
   */
  function reserve<Result>(caller: string, bytes: number, take: () => Promise<Result>): Promise<Result> {
    return inTurn(async () => {
      const all = await allUnfinished();
      if (all.filter((one) => one.caller === caller).length >= MAX_UNFINISHED) throw tooManyUploads();
      await disk.requireSpace(bytes, missingBytesOf(all));
      return take();
    });
  }

  /** As `reserve`, for an upload that has begun and only now tells its length. */
  function declare(bytes: number, take: () => Promise<void>): Promise<void> {
    return inTurn(async () => {
      await requireSpace(bytes);
      await take();
    });
  }

  /** Grows what is reserved for an upload of unknown length by one step. */
  const grow = (entry: Unfinished) =>
    inTurn(async () => {
      await requireSpace(STEP_BYTES);
      entry.missingBytes += STEP_BYTES;
    });

  /** Looks at the disk for an upload whose length is reserved: something else may have filled it. */
  const lookFor = (missingBytes: number) =>
    disk.requireSpace(Math.max(0, Math.min(STEP_BYTES, missingBytes)));

  function follow(entry: Unfinished, isLengthKnown: boolean): Receiving {
    let sinceLook = 0;
    return {
      async arrived(bytes) {
        entry.missingBytes -= bytes;
        sinceLook += bytes;
        if (!isLengthKnown) {
          while (entry.missingBytes < STEP_BYTES - LOOK_EVERY_BYTES) await grow(entry);
        } else if (sinceLook >= LOOK_EVERY_BYTES) {
          sinceLook = 0;
          await lookFor(entry.missingBytes);
        }
      },
      end: () => void receiving.delete(entry),
    };
  }

  return {
    /** @throws AppError 507 `DiskNearlyFull` when so many bytes have no room beside all that was promised */
    requireSpace,
    reserve,
    declare,

    /**
     * Begins to receive a file that comes in one request.
     * @param announcedBytes null when the request doesn't say (chunked)
     * @throws AppError 507 `DiskNearlyFull`, 429 `TooManyUploads`
     */
    async receive(caller: string, announcedBytes: number | null): Promise<Receiving> {
      const entry: Unfinished = { caller, missingBytes: announcedBytes ?? STEP_BYTES };
      await reserve(caller, entry.missingBytes, async () => receiving.add(entry));
      return follow(entry, announcedBytes !== null);
    },

    /**
     * Begins to write more of a resumable upload.
     * @param missingBytes what of it is not there yet; null while its length is not known
     * @throws AppError 507 `DiskNearlyFull`
     */
    async goOn(missingBytes: number | null): Promise<Receiving> {
      const entry: Unfinished = { caller: null, missingBytes: missingBytes ?? 0 };
      if (missingBytes === null) {
        await grow(entry);
        receiving.add(entry);
      } else {
        await lookFor(missingBytes);
      }
      return follow(entry, missingBytes !== null);
    },
  };
}

const missingBytesOf = (uploads: readonly Unfinished[]) =>
  uploads.reduce((sum, one) => sum + Math.max(0, one.missingBytes), 0);
