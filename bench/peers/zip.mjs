// The peer for ZIPs: all files of a folder into one, stored as they are. zip.mjs FOLDER OUT
import archiver from 'archiver';
import { createWriteStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';

const [folder, out] = process.argv.slice(2);
const file = createWriteStream(out);
const zip = archiver('zip', { store: true });
const ended = new Promise((resolve, reject) => {
  file.on('close', resolve);
  zip.on('error', reject);
});
zip.pipe(file);
for (const name of (await readdir(folder)).sort()) zip.file(`${folder}/${name}`, { name: `jpg/${name}` });
await zip.finalize();
await ended;
const handle = await open(out);
await handle.sync(); // ours is on the disk when it is done, too
await handle.close();
console.log(JSON.stringify({ bytes: (await stat(out)).size }));
