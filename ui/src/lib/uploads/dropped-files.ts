/** Folders are read this deep: a card of a camera has its clips in the third. */
const DEEPEST = 4;
/** More is nobody's video: somebody dropped a disk. */
const MOST_FILES = 500;

const readAll = (reader: FileSystemDirectoryReader) =>
  new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

async function collect(entry: FileSystemEntry, depth: number, files: File[]): Promise<void> {
  if (files.length >= MOST_FILES || entry.name.startsWith('.')) return;
  if (entry instanceof FileSystemFileEntry) {
    files.push(await fileOf(entry));
  } else if (entry instanceof FileSystemDirectoryEntry && depth < DEEPEST) {
    const reader = entry.createReader();
    // It gives a hundred at a time.
    for (let some = await readAll(reader); some.length > 0; some = await readAll(reader)) {
      for (const child of some) await collect(child, depth + 1, files);
    }
  }
}

/** All files of a drop; of a dropped folder, what is in it. To be called while the event is handled. */
export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  const plain = [...data.files];
  const entries = [...data.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null || entry.isFile)) return plain.slice(0, MOST_FILES);
  const files: File[] = [];
  for (const entry of entries) if (entry !== null) await collect(entry, 0, files);
  return files;
}
