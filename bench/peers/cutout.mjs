// The peer's cut-out of each photo as PNG: cutout.mjs OUT_FOLDER PHOTO...
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { removeBackground } from '@imgly/background-removal-node';

const [folder, ...photos] = process.argv.slice(2);
for (const photo of photos) {
  const picture = await removeBackground(pathToFileURL(photo).href, { model: 'medium', output: { format: 'image/png' } });
  await writeFile(path.join(folder, `${path.parse(photo).name}.png`), Buffer.from(await picture.arrayBuffer()));
}
