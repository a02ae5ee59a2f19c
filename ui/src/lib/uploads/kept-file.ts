/** Files in the browser's database, so that an upload can go on after a reload by itself. */
const DATABASE = 'songreel';
const STORE = 'files';
/** A file of more than this is asked for again instead of being kept twice. */
const MOST_BYTES = 512 * 1024 * 1024;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<Result>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await open();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const request = work(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } finally {
    database.close();
  }
}

/** What the database can't do, in a private window or with a full disk, is no error; everything else is. */
async function ifItCan<Result, Otherwise>(
  work: Promise<Result>,
  otherwise: Otherwise,
): Promise<Result | Otherwise> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DOMException) return otherwise;
    throw error;
  }
}

/** Keeps a file under a key. In a private window, or with a full disk, it isn't kept: then it is asked for again. */
export async function keepFile(file: File, key: string): Promise<void> {
  if (file.size > MOST_BYTES) return forgetFile(key);
  await ifItCan(
    run('readwrite', (store) => store.put(file, key)),
    null,
  );
}

/** The file that was kept under a key; null when there is none, or it can't be read any more. */
export async function keptFile(key: string): Promise<File | null> {
  const file = await ifItCan(
    run<unknown>('readonly', (store) => store.get(key)),
    null,
  );
  return file instanceof File ? file : null;
}

export async function forgetFile(key: string): Promise<void> {
  await ifItCan(
    run('readwrite', (store) => store.delete(key)),
    undefined,
  );
}

/** The keys of all files that are kept. */
export async function keptKeys(): Promise<string[]> {
  const keys = await ifItCan(
    run('readonly', (store) => store.getAllKeys()),
    [],
  );
  return keys.flatMap((key) => (typeof key === 'string' ? [key] : []));
}
