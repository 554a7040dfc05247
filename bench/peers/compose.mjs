// The peer's decode, resize, composite and encode, COUNT times: compose.mjs PHOTO OVERLAY OUT COUNT
import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';

const [photo, overlay, out, count] = process.argv.slice(2);
sharp.cache(false);
sharp.concurrency(1);
const bytes = await readFile(photo);
const layer = await readFile(overlay);
let picture;
for (let i = 0; i < Number(count); i++) {
  picture = await sharp(bytes)
    .resize(1200, 1200, { fit: 'fill', kernel: 'lanczos3', fastShrinkOnLoad: false })
    .composite([{ input: layer, left: 200, top: 200 }])
    .jpeg({ quality: 90, chromaSubsampling: '4:2:0', optimiseCoding: true })
    .toBuffer();
}
await writeFile(out, picture);
