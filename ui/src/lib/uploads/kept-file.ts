/** One file in the browser's database, so that an upload can go on after a reload by itself. */
const DATABASE = 'songreel';
const STORE = 'files';
const KEY = 'song';
/** A song of more than this is asked for again instead of being kept twice. */
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

/** Keeps a file. In a private window, or with a full disk, it isn't kept: then it is asked for again. */
export async function keepFile(file: File): Promise<void> {
  if (file.size > MOST_BYTES) return forgetFile();
  try {
    await run('readwrite', (store) => store.put(file, KEY));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

export async function keptFile(): Promise<File | null> {
  try {
    const file: unknown = await run('readonly', (store) => store.get(KEY));
    return file instanceof File ? file : null;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

export async function forgetFile(): Promise<void> {
  try {
    await run('readwrite', (store) => store.delete(KEY));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
