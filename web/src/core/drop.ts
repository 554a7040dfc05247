// What was dropped on the page: files, and folders of them.
const readAll = (folder: FileSystemDirectoryReader): Promise<FileSystemEntry[]> => new Promise((done, fail) => folder.readEntries(done, fail));

async function walk(entry: FileSystemEntry, into: File[], most: number): Promise<void> {
  if (into.length >= most) return;
  if (entry.isFile) {
    const file = await new Promise<File | null>((done) => (entry as FileSystemFileEntry).file(done, () => done(null))); // null: it is gone by now
    if (file) into.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (let part = await readAll(reader); part.length; part = await readAll(reader)) // a hundred at a time
    for (const inner of part) await walk(inner, into, most);
}

/** Does the browser bring files, and not text or a link? */
export const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** The files of a drop, those in folders too. */
export async function droppedFiles(dropped: DataTransfer, most = 1000): Promise<File[]> {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.()).filter((entry): entry is FileSystemEntry => !!entry);
  const files: File[] = [];
  if (!entries.length) return [...dropped.files];
  for (const entry of entries) await walk(entry, files, most);
  return files;
}
